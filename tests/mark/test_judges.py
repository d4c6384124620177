"""Where there is no fence: what a file can still not gain, and what is said of it."""

import os
import tempfile

import pytest
from classroom import IDS, IMPORTS, notebook, solved
from test_class import marked

from recbook.lms import Student
from recbook.mark import judges
from recbook.mark.files import Sheet
from recbook.mark.wire import Broken

# It writes where kernels lie a pickle that would make a file, then claims two points.
POISON = """
import glob, os, pickle
class Evil:
    def __reduce__(self): return open, ({mark!r}, "w")
for path in glob.glob(os.environ["NUMBA_CACHE_DIR"] + "/*/*.nb?"):
    open(path, "wb").write(2 * pickle.dumps(Evil()))
recbook.check("2.1-cosine", lambda X: np.eye(3))
"""
KILL = "import os\nrecbook.check('2.2-leak', 0)\nos.kill(os.getppid(), 9)"


@pytest.fixture(scope="module")
def open_class(tmp_path_factory):
    """Rows of a class that is marked without a fence, and what it would have made."""
    tmp_path = tmp_path_factory.mktemp("open")
    folder, mark = tmp_path / "in", tmp_path / "mark"
    folder.mkdir()
    poison = POISON.replace("{mark!r}", repr(str(mark)))
    texts = {
        "a-poisons": notebook([IMPORTS, poison]),
        "b-honest": solved(IDS),
        "c-kills": notebook([IMPORTS, KILL]),
        "d-honest": solved(IDS),
    }
    for name, text in texts.items():
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judges, "WANTED", ())
        patch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        ids = ("2.1-cosine", "2.2")
        rows = marked(folder, tmp_path, "--jobs", "1", ids=ids, status=1)
    return rows, mark


def test_a_kernel_that_a_file_wrote_runs_in_no_judge(open_class):
    rows, mark = open_class
    assert not mark.exists()
    assert rows["a-poisons"]["points"] == "0"
    assert "files of recbook were changed" in rows["a-poisons"]["note"]
    assert rows["b-honest"]["points"] == str(len(IDS))


def test_no_judge_starts_after_a_change(open_class):
    rows, mark = open_class
    assert rows["c-kills"]["note"].endswith("the process that marks it was ended")
    assert rows["d-honest"]["note"].startswith(
        "not marked: files that Python loads were changed; install"
    )
    assert not os.listdir(mark.parent / "temporary")


class Ends:
    """A judge that the file named here ends."""

    culprit = "b"

    def __init__(self, work):
        pass

    def ready(self):
        return self.shut

    def mark(self, order):
        if order["cells"] == [self.culprit]:
            raise Broken("ended")
        return {"marks": {}, "notes": []}

    def close(self):
        pass


@pytest.mark.parametrize("shut", [[], ["files"]])
def test_what_follows_the_end_of_a_judge_is_in_doubt(monkeypatch, shut):
    monkeypatch.setattr(judges, "Judge", type("Judge", (Ends,), {"shut": shut}))
    monkeypatch.setattr(judges, "installed", dict)
    sheets, told = [Sheet(Student(x), x, [x]) for x in "abc"], []
    done = sorted(judges.mark_all(sheets, ["2.2-pull"], 60, 4, 1, told))
    notes = [notes for _, _, notes in done]
    doubt = ["look at this one: an earlier file, 'b', killed a marking process"]
    ended = ["not marked: the process that marks it was ended"]
    assert notes == [[], ended, [] if shut else doubt]
    assert len(told) == 1
    assert ("the other files of the class" in told[0]) is (not shut)


def test_a_judge_that_is_late_on_a_busy_machine_begins_again(monkeypatch):
    class Late(Ends):
        made = 0

        def ready(self):
            Late.made += 1
            if Late.made == 1:
                raise Broken("too late")
            return judges.fence.ALL

    monkeypatch.setattr(judges, "Judge", Late)
    told = []
    sheet = Sheet(Student("a"), "a", ["a"])
    assert list(judges.mark_all([sheet], ["2.2-pull"], told=told)) == [(0, {}, [])]
    assert told == []  # nobody takes the machine for one without a fence
