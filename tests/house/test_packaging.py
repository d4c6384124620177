"""The wheel: it carries the embedded data, and works far away from this checkout."""

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import own_wheel
import pytest
from recbook_book.notebooks.install import WHEEL

import recbook

ROOT = Path(__file__).resolve().parents[2]
PACKED = ("exports", "ml-100k", "results", "shop")
EMBEDDED = [ROOT / "data" / name for name in PACKED]
UV = [sys.executable, "-m", "uv"]
OFFLINE = r"error sending request|dns error|timed out|unreachable|Could not connect"

# What a newcomer does first. Run with the wheel, never with the checkout.
FIRST_STEPS = """
import tempfile
import recbook
from recbook import datasets
movielens = datasets.load_ml100k(source="embedded")
assert not movielens.is_real
ratings = movielens.ratings
assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (943, 1682, 100_000)
train, test = movielens.fold(1)
model = recbook.ItemKNN(n_neighbors=20).fit(train)
predicted = model.predict(test.users, test.items)
assert predicted.shape == (20_000,) and ((predicted >= 1) & (predicted <= 5)).all()
assert model.recommend([0], k=10, exclude=train).shape == (1, 10)
assert len(datasets.load_shop().products) == 600
records = recbook.leaderboard.results_folder()
assert records.is_relative_to(recbook.__path__[0])
assert recbook.leaderboard.tried("ranking")["ials"] > 1
assert datasets.example_file("orders.csv").stat().st_size > 100_000
shop = recbook.marketing.worlds.customers(2000)
trial = shop.letters(n=1000)
learner = recbook.marketing.uplift.TLearner()
effect = learner.fit(trial.X, trial.treated, trial.y).effect(trial.X)
assert ((effect > -1) & (effect < 1)).all()
day = recbook.marketing.worlds.day(2000)
paced = recbook.marketing.pacing.pace(day.values, day.prices, budget=1.0, step=3.0)
assert 0 < paced.spend <= 1
effect = recbook.marketing.experiments.difference(trial.y, trial.treated)
assert effect.interval[0] < effect.value < effect.interval[1]
trial = {"id": range(4000), "arm": ["A", "B"] * 2000, "y": [0, 0, 1, 1] * 1000}
made = recbook.report.experiment(trial, "id", ("arm", "B"), "y")
page, numbers = made.save(tempfile.mkdtemp())
assert "</style>" in page.read_text(encoding="utf-8")
assert recbook.checks.contents()["2.2-pull"][0] == "2.2.7"
from recbook.checks.language import translated
assert translated("right", "zh") == "对"
from recbook._core.install import install
advice = "run `python -m pip install './recbook-0.1.0-py3-none-any.whl[deep]'`"
assert install("deep").startswith(advice)
print(recbook.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return own_wheel.build(tmp_path_factory.mktemp("wheel"))


def test_the_site_s_wheel_has_its_name_and_the_same_bytes_each_time(wheel, tmp_path):
    """Students' notebooks name it; where nothing changed, a build changes nothing."""
    assert wheel.name == WHEEL
    assert own_wheel.build(tmp_path).read_bytes() == wheel.read_bytes()


def clean_environment(**extra):
    """The variables of this process, without those that point to the checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RECBOOK_")}
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):
        kept.pop(name, None)
    return kept | extra


def take_first_steps(python, folder, **environment):
    """Run FIRST_STEPS from another folder; the path of the recbook that it imported."""
    run = subprocess.run(
        [python, "-c", FIRST_STEPS],
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return Path(run.stdout.splitlines()[-1])


def test_nobody_is_told_to_install_recbook_by_name():
    """It is on no index: code of anyone who registers the name would run there."""
    advice = re.compile(
        rb"(pip3?|uv|conda) +(add|install)\b[^\n`]*[ '\"]recbook\b(?!\[[\w,{}]*\] @ )"
        rb"|recbook\[(?![\w,{}]*\] @ )"  # unless an address follows
    )
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in tracked.stdout.split("\0") if name]
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in files
        if path.is_file()
        for match in advice.finditer(path.read_bytes())
    ]
    assert not found


def test_the_version_is_said_once():
    assert recbook.__version__ == importlib.metadata.version("recbook")


def test_the_wheel_carries_the_embedded_data(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder in EMBEDDED:
            for path in filter(Path.is_file, folder.rglob("*")):
                inside = f"recbook/_data/{path.relative_to(folder.parent).as_posix()}"
                assert archive.read(inside) == path.read_bytes()
    for needed in ("u.data", "u.item", "u.user", "u.genre", "u1.base", "ub.test"):
        assert f"recbook/_data/ml-100k/{needed}" in names
    for needed in ("events", "products", "users"):
        assert f"recbook/_data/shop/{needed}.csv" in names
    assert "recbook/_data/exports/refused/subscriptions.csv" in names
    strangers = {name for name in names if not name.startswith("recbook")}
    assert not strangers


def test_the_wheel_carries_the_stubs_and_the_types(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    stubs = {p.relative_to(ROOT).as_posix() for p in ROOT.glob("recbook/**/*.pyi")}
    assert "recbook/__init__.pyi" in stubs
    assert stubs | {"recbook/py.typed"} <= names


def test_the_wheel_carries_the_type_of_the_figures(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "recbook/plots/fonts/OFL.txt" in names
    assert sum(name.endswith(".ttf") for name in names) == 3


def test_the_wheel_carries_nothing_by_others_without_its_licence(wheel):
    """Our files are text and name no other owner; each font has its OFL beside it."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = next(data for name, data in files.items() if name.endswith("/METADATA"))
    assert b"License-Expression: MIT AND OFL-1.1 AND CC0-1.0" in about
    claimed = rb"(?i)copyright \(|licensed under|@license|all rights reserved"
    for name, data in files.items():
        folder = name.rpartition("/")[0]
        if name.endswith((".ttf", ".woff2")):
            assert f"{folder}/OFL.txt" in files, name
        elif ".dist-info/" not in name and not name.endswith("/OFL.txt"):
            assert b"\0" not in data  # nothing compiled, nothing drawn by others
            assert not re.search(claimed, data), name
    texts = [name for name in files if ".dist-info/licenses/" in name]
    assert sorted(name.rpartition("/licenses/")[2] for name in texts) == [
        "LICENSE",
        "recbook/app/static/OFL.txt",
        "recbook/plots/fonts/OFL.txt",
    ]


def test_the_licence_says_whose_the_fonts_are():
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    kinds = {".ttf", ".woff", ".woff2"}
    folders = [ROOT / "recbook", ROOT / "chapters"]
    fonts = [p for f in folders for p in f.rglob("*") if p.suffix in kinds]
    assert fonts
    for folder in {font.parent for font in fonts}:
        assert (folder / "OFL.txt").is_file()
        assert f"{folder.relative_to(ROOT).as_posix()}/" in licence


def test_the_wheel_works_from_another_folder(wheel, tmp_path):
    target = tmp_path / "site"
    install = [*UV, "pip", "install", "-q", "--no-deps", "--offline"]
    into = ["--target", target, "--python", sys.executable]
    subprocess.run([*install, *into, wheel], check=True)
    used = take_first_steps(sys.executable, tmp_path, PYTHONPATH=str(target))
    assert used.is_relative_to(target)


def python_of(minor):
    """A Python 3.minor of this machine, or None; nothing is downloaded."""
    find = [*UV, "python", "find", "--system", "--no-python-downloads", f"3.{minor}"]
    run = subprocess.run(find, env=clean_environment(), capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else None


@pytest.mark.slow
def test_a_fresh_environment_of_the_newest_python(wheel, tmp_path):
    """The oldest is that of the book; the workflow has a job for each."""
    python = python_of(13)
    if python is None:
        pytest.skip("no Python 3.13 on this machine")
    home = tmp_path / "env"
    subprocess.run([*UV, "venv", "-q", "--python", python, home], check=True)
    mine = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    run = subprocess.run(
        [*UV, "pip", "install", "-q", "--python", mine, wheel],
        env=clean_environment(UV_HTTP_TIMEOUT="20"),
        capture_output=True,
        text=True,
    )
    if run.returncode and re.search(OFFLINE, run.stderr, re.IGNORECASE):
        pytest.skip("the package registry cannot be reached")
    assert run.returncode == 0, run.stderr
    assert take_first_steps(mine, tmp_path).is_relative_to(home)
