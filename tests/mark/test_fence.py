"""What a student's process can do to its teacher: nothing, where there is a fence."""

import os
import signal
import socket
import threading

import pytest
from attacks import ATTACKS, attack, honest
from classroom import IDS, solved
from test_class import marked

from recbook.mark import account, fence, syscalls

needs_landlock = pytest.mark.skipif(
    fence.abi() < 1, reason="the kernel has no Landlock: there is no fence here"
)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """Rows by name, what was printed, the folder, and the port that heard nothing."""
    tmp_path = tmp_path_factory.mktemp("attacked")
    folder = tmp_path / "in"
    folder.mkdir()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SECRET_OF_THE_TEACHER", "word")
        places = {
            "folder": str(folder),
            "home": os.path.expanduser("~"),
            "command": os.getpid(),
            "port": server.getsockname()[1],
        }
        for name in ATTACKS:
            text = attack(name, **places)
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
        (folder / "ann.ipynb").write_text(solved(IDS), encoding="utf-8")
        (folder / "zoe.ipynb").write_text(honest(), encoding="utf-8")
        before = os.stat(folder / "ann.ipynb")
        rows = marked(folder, tmp_path, "--jobs", "1")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    return rows, folder, before


@needs_landlock
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing_and_finds_the_door_shut(attacked, name):
    row = attacked[0][name]
    assert row["points"] == row["2.2-leak"] == "1", "it was earned, and no other"
    tries = row["note"].rpartition("RuntimeError: ")[2].partition(" (line ")[0]
    assert tries == ATTACKS[name][1]


@needs_landlock
def test_the_others_are_unharmed(attacked):
    rows, folder, before = attacked
    for name in ("ann", "zoe"):
        assert rows[name]["points"] == str(len(IDS))
        assert "cell" not in rows[name]["note"], rows[name]["note"]
    after = os.stat(folder / "ann.ipynb")
    assert after.st_mode == before.st_mode
    assert after.st_mtime == before.st_mtime
    assert len(os.listdir(folder)) == len(ATTACKS) + 2


def test_what_is_hidden_is_hidden_from_all_sides(tmp_path):
    home = tmp_path / "lib" / "python3" / "site-packages" / "recbook"
    (home / "checks" / "deep").mkdir(parents=True)
    (home / "__init__.py").touch()
    (tmp_path / "lib" / "numpy").mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    (tmp_path / "lib" / "loop").symlink_to(tmp_path)
    (tmp_path / "lib" / "inside").symlink_to(home / "checks" / "deep")
    found = dict(fence._around([tmp_path / "lib64", tmp_path], {home / "checks"}))
    read = {path for path, rights in found.items() if rights != fence._LIST}
    assert read == {home / "__init__.py", tmp_path / "lib" / "numpy"}


def in_a_child(function):
    """The words that a function returns in a process of its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, function().encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        return file.read()


def tried(*calls):
    """A word for each call: done, or the error."""
    words = []
    for function, *args in calls:
        try:
            function(*args)
            words.append("done")
        except OSError as error:
            words.append(type(error).__name__)
    return " ".join(words)


def test_signals_to_others_are_shut_where_landlock_has_no_rule_for_them():
    def signals():
        if not syscalls.refuse(signals=True):
            return "not here"
        own = os.getpid()
        return tried((os.kill, own, 0), (os.kill, os.getppid(), 0), (os.kill, -1, 0),
                     (signal.pthread_kill, threading.get_ident(), 0),
                     (signal.pidfd_send_signal, os.pidfd_open(own), 0))  # fmt: skip

    refused = "PermissionError"
    said = in_a_child(signals)
    assert said in ("not here", f"done {refused} {refused} done {refused}")


@pytest.mark.skipif(os.getuid() != 0, reason="another account needs root")
@pytest.mark.parametrize("reads_all", [False, True])
def test_another_account_owns_its_folder_and_has_no_privilege(tmp_path, reads_all):
    own, secret = tmp_path / "own", tmp_path / "secret"
    own.mkdir()
    secret.write_text("word")
    secret.chmod(0o600)

    def work():
        os.chdir(own)
        account.give_up(".", reads_all)
        return tried((open, "x", "w"), (open, secret), (open, secret, "a"),
                     (os.kill, os.getppid(), 0), (os.setuid, 0), (os.chown, "x", 0, 0),
                     (os.mknod, "y", 0o60600, 0))  # fmt: skip

    read = "done" if reads_all else "PermissionError"
    assert in_a_child(work) == f"done {read}" + 5 * " PermissionError"
