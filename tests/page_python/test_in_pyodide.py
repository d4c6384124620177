"""recbook where NumPy's integers have 32 bits, and its kernels are WebAssembly.

In Pyodide under Node.js, with the files that the pages load: recbook's own tests pass,
and each kernel computes what it computes natively.
"""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from bookpages import ALL_PAGES
from live import build, runtime
from page_python import equality

HERE = Path(__file__).resolve().parent
pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]
# What pytest needs, all of it pure Python; of hypothesis the runtime has one that is.
PURE = [
    "_pytest",
    "iniconfig",
    "pluggy",
    "pygments",
    "pytest",
    "py",
    "sortedcontainers",
    "yaml",
]
GROUPS = {
    "data": "_core datasets test_ratings.py test_splits.py test_metrics.py "
    "test_evaluation.py test_base.py test_baselines.py test_markov.py test_ensemble.py",
    "checks": "checks grade",
    "neighbours": "test_similarity.py test_neighbors.py",
    "factorization": "factorization test_linear.py",
    "bayesian": "bayesian",
    "marketing": "marketing",
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder with pytest and what it needs, for any Python."""
    folder = tmp_path_factory.mktemp("packages")
    for name in PURE:
        origin = Path(importlib.util.find_spec(name).origin)
        if origin.name == "__init__.py":
            ignored = shutil.ignore_patterns("__pycache__", "*.so")
            shutil.copytree(origin.parent, folder / name, ignore=ignored)
        else:
            shutil.copy(origin, folder)
    return folder


@pytest.mark.parametrize("group", GROUPS)
def test_the_same_tests_pass(group, packages):
    tests = [f"tests/{name}" for name in GROUPS[group].split()]
    options = ["-q", "--tb=short", "--durations=5"]
    if not ALL_PAGES:  # by day without what takes it ten seconds and more
        options += ["-m", "not slow and not site and not clock"]
    process = runtime.start(
        build.RUNTIME,
        HERE / "in_pyodide.py",
        *(build.ROOT, *options, *tests),
        path=[*build.PATH, packages, build.RUNTIME / "hypothesis"],
    )
    said = process.communicate()[0]
    print(said[-1500:])
    assert process.returncode == 0, said[-8000:]


def test_each_kernel_computes_the_same():
    """To ten digits; a kernel that would run as plain Python is an error there."""
    script = HERE / "equality.py"
    process = runtime.start(build.RUNTIME, script, path=build.PATH)
    expected, _ = equality.results()
    said = process.communicate()[0]
    assert process.returncode == 0, said[-3000:]
    found = json.loads(said.splitlines()[-1])
    assert found.keys() == expected.keys()
    for name, arrays in expected.items():
        for ours, theirs in zip(arrays, found[name], strict=True):
            assert theirs == pytest.approx(ours, rel=1e-10, abs=1e-10), name


def test_a_page_unpacks_what_was_packed():
    """A package when it is imported, and in the end each file as it was."""
    script, pack = HERE / "unpacked.py", build.SITE / "library.bin"
    process = runtime.start(
        build.RUNTIME, script, pack, build.LIBRARY, path=[build.HERE]
    )
    said = process.communicate()[0]
    assert process.returncode == 0, said[-3000:]
