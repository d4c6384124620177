"""What a process that marks can load, and what it knows."""

import json
import os
import signal
import socket
import subprocess

import pytest

from recbook.mark import processes, workplace
from recbook.mark.processes import Channel, Helper

PROBE = """
import os, socket, struct, sys
def main(order):
    import json
    said = {"path": sys.path, "known": dict(os.environ), "folder": os.getcwd(),
            "found": sorted({"numpy", "json", "recbook"} & set(sys.modules))}
    data = json.dumps(said).encode()
    socket.socket(fileno=order["number"]).sendall(struct.pack(">Q", len(data)) + data)
"""
EVIL = "open({!r}, 'w')"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What a helper says of itself that begins where everything lies in wait."""
    folder, mark = tmp_path / "x-packages", tmp_path / "mark"
    folder.mkdir()
    (folder / "probe.py").write_text(PROBE)
    for name in ("sitecustomize", "usercustomize", "json", "recbook", "encodings"):
        (tmp_path / f"{name}.py").write_text(EVIL.format(str(mark)))
    for place in (folder, tmp_path):
        (place / "sitecustomize.py").write_text(EVIL.format(str(mark)))
        (place / "x.pth").write_text(f"import os; {EVIL.format(str(mark))}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "word")
    monkeypatch.setenv("RECBOOK_ML100K", "data")
    installed = [*workplace.libraries(), str(folder)]  # recbook needs lazy_loader
    monkeypatch.setattr(processes, "libraries", lambda: installed)
    helper = Helper("probe", tmp_path, [])
    try:
        return helper.channel.receive(), mark, folder
    finally:
        helper.close()


def test_a_helper_loads_nothing_that_a_file_can_have_left(told):
    said, mark, folder = told
    assert not mark.exists()
    assert said["path"][-1] == str(folder)
    assert str(mark.parent) not in said["path"]
    assert said["folder"] == "/"
    assert "recbook" in said["found"]


def test_a_helper_knows_no_secret(told):
    known, mark, _ = told[0]["known"], *told[1:]
    assert "SECRET_OF_THE_TEACHER" not in json.dumps(known)
    assert known["RECBOOK_ML100K"] == str(mark.parent / "data")
    assert known["NUMBA_CACHE_DIR"] == str(mark.parent / "kernels")
    assert known["PATH"] == os.environ["PATH"]


def test_without_a_fence_no_second_nursery_is_started(monkeypatch):
    class Gone:
        def __init__(self, *_):
            self.process = subprocess.Popen(["true"])
            self.process.wait()

        def close(self):
            pass

    for parts, ended in (([], True), (["files"], False)):
        nursery = processes.Nursery("work", parts)
        nursery.helper, nursery.was_there = Gone(), True
        monkeypatch.setattr(nursery, "_reply", lambda _, p=parts: {"ready": p})
        monkeypatch.setattr(processes, "Helper", Gone)
        if ended:
            with pytest.raises(processes.Broken, match="was ended"):
                nursery.prepare()
        else:
            nursery.prepare()


def test_a_helper_that_does_not_end_is_ended(monkeypatch):
    """A student can stop a judge, which would hold up the class for good."""
    monkeypatch.setattr(processes, "PATIENCE", 0.1)
    helper = Helper.__new__(Helper)
    helper.channel = Channel(socket.socket())
    helper.process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    helper.close()
    assert helper.process.returncode == -signal.SIGKILL
