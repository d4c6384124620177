"""The scripts that build the book: what they run again, keep and report."""

import errno
import itertools
import os
import subprocess
import sys
import threading

import book
import digests
import execute
import nbformat
import own_wheel
import pages
import progress
import pytest
import site_html
import warm


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """The executed copies of a folder with one small notebook."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    write(tmp_path, "1 + 1")
    return pages.Copies("data", tmp_path / "cache", tmp_path / "pages.json")


def write(folder, code, prose="A sum.", name="sum"):
    cells = [
        nbformat.v4.new_markdown_cell(prose, id="prose"),
        nbformat.v4.new_code_cell(code, id="sum"),
    ]
    path = folder / "chapters" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def remember(copies, path):
    notebook = nbformat.read(path, as_version=4)
    record = {"digest": copies.digest(path), "seconds": 1.0}
    copies.put(path, notebook, record)


def test_only_changed_code_runs_again(copies, tmp_path):
    path = write(tmp_path, "1 + 1")
    assert copies.get(path) is None
    remember(copies, path)
    assert copies.get(path) is not None
    write(tmp_path, "1 + 1", prose="The same sum in other words.")
    assert copies.get(path) is not None
    write(tmp_path, "1 + 2")
    assert copies.get(path) is None


def test_the_wheel_is_new_where_something_in_it_changed(tmp_path, monkeypatch):
    for module in (digests, own_wheel):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    include = '[tool.hatch.build.targets.wheel]\nonly-include = ["data"]\n'
    (tmp_path / "data").mkdir()
    files = {"pyproject.toml": include, "LICENSE": "", "README.md": "", "data/a": "1"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    seen = {own_wheel.stands_on()}
    for name in files:
        (tmp_path / name).write_text(f"{files[name]}# longer\n")
        seen.add(own_wheel.stands_on())
    assert len(seen) == 1 + len(files)


def test_a_copy_of_older_code_or_other_data_is_not_taken(copies, tmp_path, monkeypatch):
    path = write(tmp_path, "1 + 1")
    remember(copies, path)
    other = pages.Copies("other data", tmp_path / "cache", tmp_path / "pages.json")
    assert other.get(path) is None
    content = digests.content
    monkeypatch.setattr(digests, "content", lambda path: content(path) + "!")
    assert copies.get(path) is None


def test_code_that_went_and_came_back_runs_again_where_recbook_changed(
    copies, tmp_path, monkeypatch
):
    path = write(tmp_path, "1 + 1")
    remember(copies, path)
    content = digests.content
    monkeypatch.setattr(digests, "content", lambda path: content(path) + "!")
    remember(copies, write(tmp_path, "1 + 2"))
    assert copies.get(path) is not None
    assert copies.get(write(tmp_path, "1 + 1")) is None


def test_one_copy_of_a_page_is_kept(copies, tmp_path):
    for code in ("1 + 1", "1 + 2", "1 + 3"):
        remember(copies, write(tmp_path, code))
    for code in ("2 + 1", "2 + 2"):
        remember(copies, write(tmp_path, code, name="other"))
    assert len(list((tmp_path / "cache").rglob("base.ipynb"))) == 2


def test_a_copied_checkout_finds_its_copies(copies, tmp_path, monkeypatch):
    path = write(tmp_path, "1 + 1")
    remember(copies, path)
    there = tmp_path.with_name(f"{tmp_path.name}-copied")
    tmp_path.rename(there)  # the records name the old folder
    monkeypatch.setattr(pages, "ROOT", there)
    moved = pages.Copies("data", there / "cache", there / "pages.json")
    assert moved.get(there / path.relative_to(tmp_path)) is not None


def test_data_are_known_by_their_content_not_by_place_or_date(tmp_path, monkeypatch):
    def source(place, text="1\t1\t5\t0", when=0):
        folder = tmp_path / place / "ml-100k"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "u.data").write_text(text)
        os.utime(folder / "u.data", (when, when))
        monkeypatch.setenv("RECBOOK_ML100K", str(folder))
        return pages.environment()

    assert source("here") == source("there", when=1000)
    assert source("elsewhere", "1\t1\t4\t0") != source("there")


def test_the_embedded_data_by_the_variable_are_other_data(fresh, monkeypatch):
    """The pages print another notice, and name the data otherwise."""
    unset = pages.environment()
    monkeypatch.setenv("RECBOOK_ML100K", str(digests.ROOT / "data" / "ml-100k"))
    assert pages.environment() != unset


@pytest.mark.parametrize("content", [None, "", '{"cells": ['])
def test_a_run_that_was_cut_short_is_done_again(copies, tmp_path, content):
    path = write(tmp_path, "1 + 1")
    remember(copies, path)
    (kept,) = (tmp_path / "cache").rglob("base.ipynb")
    if content is None:
        kept.unlink()
    else:
        kept.write_text(content)
    assert copies.get(path) is None


def test_a_failing_cell_is_named_with_what_it_said(tmp_path):
    path = write(tmp_path, "1 / 0")
    _, failure = execute.execute(path, nbformat.read(path, as_version=4))
    assert failure.startswith("cell `sum` failed")
    assert "ZeroDivisionError" in failure
    assert len(failure.splitlines()) <= 13


SLOW = """import sys
for word in ("one ", "two"):
    print(word, end="", flush=True)
    print("aside", file=sys.stderr)
sys.stderr.flush()
print()
print("hash", hash("a word"))"""


def test_what_a_stream_wrote_in_several_goes_is_one_output(tmp_path, monkeypatch):
    """Otherwise the lines on a page would depend on how busy the machine was."""
    monkeypatch.setattr(os, "environ", os.environ | execute.SETTINGS)
    said = []
    for _ in range(2):
        notebook = nbformat.read(write(tmp_path, SLOW), as_version=4)
        execute.execute(tmp_path / "chapters" / "sum.ipynb", notebook)
        outputs = notebook.cells[1].outputs
        assert all(a.name != b.name for a, b in itertools.pairwise(outputs))
        said.append("".join(o.text for o in outputs if o.name == "stdout"))
    assert said[0].startswith("one two\nhash ")
    assert said[0] == said[1]  # PYTHONHASHSEED, by which a set has an order


def test_outputs_beside_streams_stay_where_they_are():
    def stream(text, name="stdout"):
        return nbformat.v4.new_output("stream", name=name, text=text)

    table = nbformat.v4.new_output("display_data", data={"text/plain": "table"})
    given = [stream("a"), stream("b\n"), stream("w", "stderr"), stream("c"), table]
    kept = execute.joined([*given, stream("d"), stream("e")])
    assert [o.get("text") for o in kept] == ["ab\n", "w", "c", None, "de"]
    assert execute.joined([]) == []


BUSY = """import subprocess, sys, time
work = "import time\\nwhile time.process_time() < 1: pass"
subprocess.run([sys.executable, "-c", work])
while time.process_time() < 1: pass"""


def test_pages_run_are_kept_and_their_processor_seconds_counted(
    copies, tmp_path, capsys
):
    paths = [write(tmp_path, BUSY), write(tmp_path, "1 / 0", name="broken")]
    failures = copies.refresh(paths)
    assert list(failures) == paths[1:]
    assert failures[paths[1]].startswith("chapters/broken.ipynb, cell `sum` failed")
    assert copies.get(paths[0]) is not None
    assert copies.get(paths[1]) is None
    record = pages.read_json(copies.records)["chapters/sum.ipynb"]
    assert record["cells"]["sum"] > 1.2  # the child's second, and most of its own
    assert record["cpu"] >= record["cells"]["sum"]
    assert record["tensorflow"] == 0.0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0].strip() for line in lines] == ["1 of 2", "2 of 2"]
    assert copies.refresh(paths[:1]) == {}
    assert capsys.readouterr().out == ""


def test_as_many_pages_run_at_once_as_cores_and_memory_allow(monkeypatch):
    known = {"tensorflow": 0.0}, {"tensorflow": 3.2}
    assert [pages.size(r) for r in (*known, {}, None)] == [400, 800, 800, 800]
    monkeypatch.setattr(pages.os, "cpu_count", lambda: 8)
    sizes = dict(zip("abcdefgh", [800] * 3 + [400] * 5, strict=True)) | {"x": 9000}
    waiting = list("abcdefgh")
    assert pages.admitted(waiting, [], sizes) == ["a", "b", "d"]
    assert pages.admitted(waiting, ["b", "d"], sizes) == ["c"]
    assert pages.admitted(waiting, list("bcd"), sizes) == []
    assert pages.admitted(waiting, [], sizes) == list("efgh")
    monkeypatch.setattr(pages.os, "cpu_count", lambda: 2)
    assert pages.admitted(list("abc"), [], sizes) == ["a", "b"]
    assert pages.admitted(["x"], [], sizes) == ["x"]  # alone, whatever it takes


def test_a_full_disk_ends_the_run(copies, tmp_path, monkeypatch):
    """All the other notebooks would fail as well, one after the other."""
    begun, ended = [], threading.Event()

    class Pool(pages.ThreadPoolExecutor):
        def shutdown(self, *args, **options):
            super().shutdown(*args, **options)
            ended.set()

    def execute(path, notebook):
        begun.append(path)
        if len(begun) > 1:
            ended.wait(timeout=30)
        return {
            "seconds": 1.0
        }, "cell `sum` failed\n    OSError: [Errno 28] No space le"

    monkeypatch.setattr(pages, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(pages, "execute", execute)
    monkeypatch.setattr(pages.os, "cpu_count", lambda: 1)
    paths = [write(tmp_path, f"1 + {n}", name=f"sum-{n}") for n in range(6)]
    with pytest.raises(OSError, match="No space left") as caught:
        copies.refresh(paths)
    assert caught.value.errno == errno.ENOSPC
    assert len(begun) <= 2  # the one that failed, and one that ran beside it


def fail(error):
    raise error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("(sqlite3.OperationalError) database or disk is full"),
    ],
)
def test_a_full_disk_is_told_in_a_sentence(monkeypatch, error):
    monkeypatch.setattr(book, "build", lambda: fail(error))
    with pytest.raises(SystemExit, match="recbook: the disk is full: free some space"):
        book.main()


def test_another_error_is_told_as_it_is(monkeypatch):
    monkeypatch.setattr(book, "build", lambda: fail(OSError(errno.EACCES, "not yours")))
    with pytest.raises(OSError, match="not yours"):
        book.main()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
@pytest.mark.parametrize("place", ["mkdir", "open"])
def test_somebody_else_s_checkout_is_told_in_a_sentence(
    tmp_path, monkeypatch, place, code
):
    refused = OSError(code, os.strerror(code))
    monkeypatch.setattr(type(tmp_path), place, lambda *_, **__: fail(refused))
    told = r"recbook: \S+_build can't be written to \(.+\): copy the checkout"
    with pytest.raises(SystemExit, match=told), pages.alone(tmp_path / "_build/lock"):
        pass


TWO = """
import sys
from pathlib import Path
import pages
pages.ROOT = Path(sys.argv[1])
paths = sorted(pages.ROOT.glob("chapters/*.ipynb"))
copies = pages.Copies("data", pages.ROOT / "cache", pages.ROOT / "pages.json")
for place in range(4):
    path = paths[place % 2 if sys.argv[2] == "a" else (place + 1) % 2]
    copies.put(path, pages.nbformat.read(path, 4), {"digest": copies.digest(path)})
    assert copies.get(path) is not None
"""


def test_two_processes_keep_copies_at_once(copies, tmp_path):
    write(tmp_path, "1 + 2", name="other")
    command = [sys.executable, "-c", TWO, str(tmp_path)]
    running = [
        subprocess.Popen([*command, name], cwd=digests.ROOT / ".ci") for name in "ab"
    ]
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    assert len(pages.read_json(copies.records)) == 2


def test_the_digest_knows_names_and_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(digests, "ROOT", tmp_path)
    path = tmp_path / "a.txt"
    path.write_text("one")
    before = digests.digest([path])
    assert digests.digest([path]) == before
    assert digests.digest([path], "another word") != before
    path.write_text("three")
    assert digests.digest([path]) != before
    path.write_text("one")
    assert digests.digest([path.rename(tmp_path / "b.txt")]) != before


def test_records_survive_a_spoiled_file(tmp_path):
    path = tmp_path / "state.json"
    assert pages.read_json(path) == {}
    pages.write_json(path, {"built": "x"})
    assert pages.read_json(path) == {"built": "x"}
    path.write_text("{")
    assert pages.read_json(path) == {}


def test_the_time_left_goes_by_what_pages_took(monkeypatch):
    monkeypatch.setattr(progress.os, "cpu_count", lambda: 2)
    bar = progress.Progress(["a", "b", "c"], {"a": 100, "b": 20})
    assert bar.time_left() == "2 min"  # c like the median, 60: 180 s by two
    bar.begin("a")
    bar.begun["a"] -= 90
    assert bar.time_left() == "60 s"  # c alone takes longer than half of 10 + 20 + 60
    bar.end("c", 50)
    assert bar.time_left() == "20 s"


def test_a_log_has_lines_and_no_control_characters(capsys):
    bar = progress.Progress(["a", "b"], {})
    bar.begin("a")
    bar.end("a", 9.2)
    bar.tick()
    bar.end("b", 3.0, failed=True)
    bar.close()
    lines = capsys.readouterr()
    assert (
        lines.out == "  1 of 2: a ran in 9 s, 30 s left\n  2 of 2: b failed after 3 s\n"
    )
    assert lines.err == ""


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    bar = progress.Progress(["a", "b"], {})
    bar.begin("a")
    bar.end("a", 9.2)
    bar.close()
    lines = capsys.readouterr()
    assert lines.out == ""
    assert "1 of 2 pages |" in lines.err
    assert "30 s left" in lines.err


def test_a_terminal_names_what_failed_at_once(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    bar = progress.Progress(["a", "b"], {})
    bar.end("a", 9.2)
    bar.end("b", 3.0, failed=True)
    said = capsys.readouterr().err
    bar.close()
    assert "b failed after 3 s" in said
    assert "a ran" not in said


def test_of_what_sphinx_says_the_warnings_are_passed_on():
    text = (
        f"Running\n\x1b[91m{digests.ROOT}/chapters/a.md:3: WARNING: no label\x1b[0m\n"
    )
    assert site_html.explain(text) == "chapters/a.md:3: WARNING: no label"
    assert site_html.explain("Killed") == "Killed"


def test_kernels_are_compiled_once(monkeypatch, tmp_path, capsys):
    begun = []

    class Process:
        returncode = 0

        def __init__(self, command, **_):
            begun.append(command[-1])

        def communicate(self):
            return "", ""

    monkeypatch.setattr(warm, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(warm.subprocess, "Popen", Process)
    monkeypatch.setattr(warm, "kept", lambda: True)
    warm.compile_kernels()
    warm.compile_kernels()
    assert begun == ["one", "two"]
    monkeypatch.setattr(warm, "fingerprint", lambda: "of other code")
    warm.compile_kernels()
    assert begun == ["one", "two"] * 2
    monkeypatch.setattr(warm, "kept", lambda: False)
    warm.compile_kernels()
    assert begun == ["one", "two"] * 3
    assert capsys.readouterr().out == "recbook: compiling the kernels\n" * 3


def test_a_build_knows_all_that_it_made(tmp_path, monkeypatch):
    """If one of them is missing, the book is built again."""
    monkeypatch.setattr(book, "BUILD", tmp_path)
    monkeypatch.setattr(site_html, "HTML", tmp_path / "html")
    names = ["html/a/b.html", "notebooks/a/1.1-b.ipynb", "nbgrader/source/b/b.ipynb"]
    for name in [*names, "nbgrader/release/b/b.ipynb", "html/notebooks/a/1.1-b.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert {path.relative_to(tmp_path).as_posix() for path in book.made()} == {*names}


def test_a_reader_s_own_settings_of_matplotlib_do_not_show(tmp_path, monkeypatch):
    """An old list of fonts in the home folder gave a warning in every figure."""
    home = tmp_path / ".config" / "matplotlib"
    home.mkdir(parents=True)
    (home / "matplotlibrc").write_text("font.size: 50", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    code = "import matplotlib as m; print(m.rcParams['font.size'], m.get_cachedir())"
    ask = [sys.executable, "-c", code]
    for settings, size in (({}, "50.0"), (execute.HOMES, "10.0")):
        environment = {k: v for k, v in os.environ.items() if k != "MPLCONFIGDIR"}
        run = subprocess.run(
            ask, env=environment | settings, capture_output=True, text=True, check=True
        )
        assert run.stdout.split()[0] == size
    assert run.stdout.split()[1] == execute.HOMES["MPLCONFIGDIR"]
