"""What a student's process can do to its teacher: nothing, where there is a fence."""

import os
import socket

import pytest
from attacks import ATTACKS, attack, honest
from classroom import IDS, solved
from test_class import marked

from recbook.mark import fence

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
