"""The memory of the build: how it is counted, and what the README says about it."""

import re
import sys
from pathlib import Path

import memory
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
FORKS = """
import os, sys, time
block = bytearray(200_000_000)
block[::4096] = b"x" * len(block[::4096])
children = [os.fork() for _ in range(2)]  # four processes, which share the block
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="PSS is Linux's")
def test_what_processes_share_counts_once():
    command = [sys.executable, "-c", FORKS]
    with psutil.Popen(command, stdout=-1, text=True) as process:
        for _ in range(4):
            process.stdout.readline()
        found = memory.held(process)
        for one in [*process.children(recursive=True), process]:
            one.kill()
    assert len(found) == 4
    assert 200e6 < sum(found.values()) < 300e6
    assert memory.held(process) == {}


def test_a_build_that_takes_too_much_fails(monkeypatch, capsys):
    hold = "import time; block = b'x' * 100_000_000; time.sleep(1.5)"
    monkeypatch.setattr(memory, "STEP", 0.1)
    with pytest.raises(SystemExit) as ended:
        memory.main([sys.executable, "-c", hold])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("At most 0.1")
    assert "time.sleep" in said
    monkeypatch.setattr(memory, "LIMIT", 5e7)
    with pytest.raises(SystemExit, match=r"more than the 0\.05 GB"):
        memory.main([sys.executable, "-c", hold])


def test_a_build_that_fails_is_told_as_such():
    with pytest.raises(SystemExit) as ended:
        memory.main([sys.executable, "-c", "import sys; sys.exit(3)"])
    assert ended.value.code == 3


def test_the_readme_says_the_limit():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [gigabytes] = re.findall(r"([\d.]+) GB of memory", text)
    assert float(gigabytes) * 1e9 == memory.LIMIT
