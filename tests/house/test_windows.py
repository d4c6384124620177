"""What the book does on Windows, as far as another system can tell.

No test here needs Windows. Node.js for Windows was tried by hand, with Wine.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import browsing
import do
import environment
import pytest
import settings
from live import build, runtime

from recbook._core.order import PACKAGE

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
TRACKED = subprocess.run(
    ["git", "ls-files", "-zco", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    encoding="utf-8",
).stdout.split("\0")[:-1]
# What Windows opens as a device, whatever follows after a dot.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST = 120  # characters of a path; Windows takes 260 with the folders before it


def standing_in(code):
    """Run code with the stand-in for Windows; return what it printed."""
    return subprocess.run(
        [sys.executable, str(HERE / "windows.py"), code],
        cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True, timeout=300,
    ).stdout  # fmt: skip


IMPORTS = """
import importlib, pathlib, pkgutil
import recbook
from recbook._core.order import PACKAGE
files = [p for p in sorted(PACKAGE.rglob("*.py")) if "kernels_wasm" not in str(p)]
heavy = ("deep", "spark", "static")  # TensorFlow and Java have files of their own
for path in files:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] not in heavy and parts[-1] != "__main__":
        name = ".".join(("recbook", *parts)).removesuffix(".__init__")
        importlib.import_module(name)
for path in sorted(pathlib.Path(".ci").glob("*.py")):
    importlib.import_module(path.stem)
for name in ("build", "kernels", "pack", "runtime", "side_module", "verdicts"):
    importlib.import_module("live." + name)

import recbook.checks.registry as registry
registry.SECONDS = 0.2
def endless(*a):
    while True:
        pass
print(recbook.check("2.1-cosine", endless))

import recbook.mark.commands as mark
print("status", mark.main(["folder", "--ids", "2.2"]))
"""


def test_all_is_imported_and_an_endless_answer_is_ended(capfd):
    said = standing_in(IMPORTS)
    assert "still runs after 0.2 s" in said
    assert "status 2" in said
    told = "recbook.mark: marking needs Linux or macOS; on Windows, run it in WSL.\n"
    assert capfd.readouterr().err == told


AS_NT = """
import os, sys
sys.path.insert(0, ".ci")
import subprocess, shutil, tempfile  # which look at the name of the system once
os.name = "nt"
import environment, do, settings
do.main([])
asked = []
environment.watched = lambda command: asked.append(command) or 0
do.python("x.py")
print(asked)
environment.shutil.which = lambda name: r"C:\\Windows\\py.exe" if name == "py" else None
sys.version_info = (3, 14, 0)
environment.runs = lambda command: command[-1] == "-3.12"
sys.argv = [r"C:\\Ada Byron\\.ci\\do.py", "book"]
try:
    do.main(["book"])
except SystemExit as ended:
    print(ended.code, asked[-1])
environment.runs = lambda command: False
do.main(["book"])
"""


def test_the_commands_are_called_by_py():
    done = subprocess.run(
        [sys.executable, "-c", AS_NT],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={k: v for k, v in os.environ.items() if k != "MAKELEVEL"},
    )
    listed, _, rest = done.stdout.partition("[[")
    lines = listed.splitlines()
    assert all(line.startswith("  py .ci/do.py ") for line in lines)
    assert len(lines) == len(do.COMMANDS)
    asked, again = rest.splitlines()
    assert os.path.join(".venv", "Scripts", "python.exe") in asked
    assert again.startswith(r"0 ['C:\\Windows\\py.exe', '-3.12', 'C:\\Ada Byron")
    assert "3.11, 3.12 or 3.13: install one, then run `py -3.13 .ci/do.py book`" in (
        done.stderr
    )
    assert "Traceback" not in done.stderr


def test_make_has_a_target_for_each_command_and_no_shell_of_its_own():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    names = re.search(r"COMMANDS := (.*)", text)[1].split()
    assert names == list(do.COMMANDS)
    assert re.findall(r"^\t(.*)", text, re.MULTILINE) == ["@$(PYTHON) .ci/do.py $@"]


def test_the_workflow_and_the_readme_call_commands_that_exist():
    files = [ROOT / "README.md", *(ROOT / ".github").rglob("*.yml"), ROOT / ".ci/run"]
    called = re.findall(
        r"(?:run: |`|^)make ([a-z-]+)", "\n".join(f.read_text() for f in files), re.M
    )
    assert len(called) > 10
    assert set(called) <= set(do.COMMANDS)


def test_an_unknown_command_is_told_the_known_ones():
    with pytest.raises(
        SystemExit, match="no command 'bok': take one of help, venv, boo"
    ):
        do.main(["bok"])


def test_a_setting_is_an_argument_or_a_variable(monkeypatch):
    asked = []
    monkeypatch.setattr(do, "python", lambda *words, **_: asked.append(words))
    monkeypatch.setattr(do, "venv", lambda: None)
    monkeypatch.setattr(os, "environ", {**os.environ, "MPLBACKEND": "agg"})
    do.main(["app"])
    do.main(["app", "PORT=8001"])
    assert [words[-1] for words in asked] == ["8000", "8001"]
    assert settings.THREADS.items() <= os.environ.items()
    assert "MPLBACKEND" not in os.environ


def test_a_command_that_fails_ends_what_follows(monkeypatch):
    monkeypatch.setattr(environment, "watched", lambda command: 4)
    monkeypatch.setattr(do, "venv", lambda: None)
    with pytest.raises(SystemExit) as ended:
        do.book()
    assert ended.value.code == 4


class Playwright:
    """Chromium of Playwright on a machine that has Edge alone."""

    def __init__(self, *there):
        self.there = there

    def launch(self, channel=None, executable_path=None, args=()):
        from playwright.sync_api import Error

        if (channel or executable_path) not in self.there:
            raise Error(f"Chromium distribution '{channel}' is not found")
        return channel or executable_path


def test_edge_is_taken_where_there_is_no_chromium(monkeypatch):
    monkeypatch.setattr(browsing, "CHROMIUM", None)
    assert browsing.launched(Playwright("msedge")) == "msedge"
    assert browsing.launched(Playwright("msedge", "chrome")) == "chrome"
    with pytest.raises(LookupError, match="no Chromium, Chrome or Edge"):
        browsing.launched(Playwright())


def test_without_a_browser_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(browsing, "is_there", lambda: False)
    monkeypatch.setattr(browsing.shutil, "which", lambda name: None)
    monkeypatch.delattr(os, "getuid")
    with pytest.raises(SystemExit, match="Chromium, Chrome or Edge: install one"):
        browsing.main()


# Names --------------------------------------------------------------------------------


def test_each_file_may_be_called_so_on_windows():
    assert len(TRACKED) > 1000
    for name in TRACKED:
        assert len(name) <= LONGEST, name
        for part in name.split("/"):
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]|[ .]$', part), name
            assert not DEVICES.match(part), name
    assert len({name.casefold() for name in TRACKED}) == len(TRACKED)


def test_text_has_the_same_ends_of_lines_on_every_machine():
    """The digests of the data, and of what a page depends on, go by bytes."""
    listed = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, encoding="utf-8"
    ).stdout
    for line in listed.splitlines():
        about, name = line.split("\t")
        stored, _, *rule = about.split()
        if name.startswith("data/"):
            assert rule == ["attr/-text"], name
        else:
            assert stored in ("i/lf", "i/-text", "i/none"), name
            assert rule == ["attr/text=auto", "eol=lf"], name


def opens_text(call):
    """Return whether a call opens or reads text, as far as it shows."""
    owner = getattr(call.func, "value", None)
    name = getattr(call.func, "attr", getattr(call.func, "id", None))
    if name in ("read_text", "write_text"):
        return len(call.args) < {"read_text": 1, "write_text": 2}[name]
    if name != "open" or getattr(owner, "id", None) in ("Image", "gzip", "os"):
        return bool({keyword.arg for keyword in call.keywords} & {"text"})
    mode = call.args[0 if owner and getattr(owner, "id", "") != "builtins" else 1 :][:1]
    return not any("b" in getattr(part, "value", "b") for part in mode)


def unnamed(path):
    """Yield the lines of a file that open text without naming its encoding."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        named = {keyword.arg for keyword in getattr(node, "keywords", [])}
        unknown = not named & {"encoding", None}  # None is ** of some names
        if isinstance(node, ast.Call) and unknown and opens_text(node):
            yield f"{path.name}, line {node.lineno}"


def test_text_is_opened_in_a_named_encoding():
    """Windows has another one for each country."""
    places = [PACKAGE, ROOT / ".ci", ROOT / "chapters" / "_ext", ROOT / "conf.py"]
    files = [
        p
        for place in places
        for p in (place.rglob("*.py") if place.is_dir() else [place])
    ]
    assert len(files) > 200
    assert [where for path in files for where in unnamed(path)] == []


# Paths --------------------------------------------------------------------------------


LOADS = """
from recbook import datasets
assert datasets.load_ml100k("embedded").folder.parents[1].name == "the book"
assert len(datasets.load_shop().events) > 0
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Return a copy of what the commands need, in the folder of somebody's name."""
    folder = tmp_path_factory.mktemp("Ada Byron é") / "the book"
    for name in TRACKED:
        if name.startswith((".ci/", "recbook/", "data/")) or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    "command",
    [["make"], [sys.executable, ".ci/do.py"], [sys.executable, "-c", LOADS]],
    ids=["make", "py", "data"],
)
def test_the_commands_run_in_a_folder_with_a_space_and_an_accent(elsewhere, command):
    away = {"PYTHONPATH": str(elsewhere), "NUMBA_CACHE_DIR": str(elsewhere / "numba")}
    if command[0] == "make" and not shutil.which("make"):
        pytest.skip("no make here")
    done = subprocess.run(
        command, cwd=elsewhere, env=os.environ | away, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


SEES = """
import sys
from pathlib import Path
import beside
print(Path("/host" + sys.argv[1]).read_text(encoding="utf-8"), beside.__name__)
"""


def test_the_python_of_the_pages_finds_a_folder_with_a_space_and_an_accent(elsewhere):
    if not (build.RUNTIME / "sums.txt").exists():
        pytest.skip("the Python of the pages is not here")
    for name, text in {"see.py": SEES, "a é.txt": "read", "lib/beside.py": ""}.items():
        (elsewhere / name).parent.mkdir(exist_ok=True)
        (elsewhere / name).write_text(text, encoding="utf-8")
    path = [elsewhere / "nowhere", elsewhere / "lib"]
    seen = runtime.start(
        build.RUNTIME, elsewhere / "see.py", elsewhere / "a é.txt", path=path
    )
    assert seen.communicate(timeout=120)[0] == "read beside\n"


def test_a_path_of_windows_has_no_drive_in_the_python_of_the_pages():
    path = PureWindowsPath(r"C:\Users\Ada Byron\é.json")
    assert runtime.inside(path) == "/Users/Ada Byron/é.json"
