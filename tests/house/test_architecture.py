"""The house rules that a machine can hold: who imports whom, how much, how heavy."""

import ast
import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "recbook"
FILES = sorted(PACKAGE.rglob("*.py"))

# Public module -> the public modules that it may use; "*": any, of plots all but deep.
# A module with an underscore is a part of those that import it: what it uses, they use.
# _validate and _jit stand below all, and use nothing.
BASE = {"_validate", "_jit"}
DATA = {"ratings"}
MODEL = DATA | {"similarity", "baselines"}
ALLOWED = {
    "ratings": set(),
    "synthetic": DATA,
    "datasets": DATA | {"synthetic"},
    "splits": DATA,
    "similarity": set(),
    "metrics": set(),
    "baselines": DATA,
    "neighbors": MODEL,
    "factorization": MODEL,
    "linear": MODEL,
    "bayesian": MODEL,
    "ensemble": DATA,
    "evaluation": DATA | {"metrics"},
    "leaderboard": MODEL
    | {"neighbors", "factorization", "linear", "bayesian", "ensemble"}
    | {"deep", "datasets", "evaluation", "metrics", "splits"},
    "deep": DATA | {"baselines", "metrics", "splits"},
    "project": DATA | {"datasets", "deep", "splits", "leaderboard", "metrics"},
    "app": DATA | {"project", "deep"},  # the towers' weight of a history, no network
    "spark": DATA | {"datasets", "factorization", "metrics", "splits"},
    "grade": MODEL | {"datasets", "leaderboard", "linear", "metrics", "synthetic"},
    "plots": {"*"},
    "checks": {"*"},
    "": {"*"},  # recbook/__init__.py, lazily
}
# Files and functions that may be longer, and why.
LONG_MODULES = {}
LONG_FUNCTIONS = {}

TOP_LEVEL = {
    *("README.md", "LICENSE", "CONTRIBUTING.md", "Makefile", "pyproject.toml"),
    *("requirements.lock", "_config.yml", "_toc.yml", "chapters", "recbook"),
    *("data", "tests", ".ci", ".github", ".gitignore", ".gitattributes"),
}


def module_name(path):
    """recbook/deep/fm.py -> deep.fm; recbook/__init__.py -> the empty string."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported(path):
    """Every absolute module name that a file imports, at its top or inside."""
    package = ["recbook", *module_name(path).split(".")]
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*filter(None, base), *filter(None, [node.module])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def recbook_modules():
    return {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }


@functools.cache
def edges():
    """Module or subpackage of recbook -> those that its files import, at any depth."""
    modules, found = recbook_modules(), {"": set()}
    for path in FILES:
        here = module_name(path).partition(".")[0]
        targets = {n.split(".")[1] for n in imported(path) if n.startswith("recbook.")}
        found.setdefault(here, set()).update(targets & modules - {here})
    return found


def used_by(module):
    """What a module imports, itself or through modules with an underscore."""
    found, waiting = set(), list(edges().get(module, ()))
    while waiting:
        target = waiting.pop()
        if target not in found:
            found.add(target)
            waiting += edges()[target] if target.startswith("_") else []
    return found


@pytest.mark.parametrize("module", sorted(recbook_modules() | {""}))
def test_imports_go_one_way(module):
    if module in BASE:
        assert edges()[module] == set()
        return
    used = {name for name in used_by(module) if not name.startswith("_")} - {module}
    if module.startswith("_"):
        assert any(module in used_by(m) for m in ALLOWED), "nothing public uses it"
        assert "deep" not in used or module == "_recipes"  # which names every model
        return
    assert module in ALLOWED, "add a line to ALLOWED: what may it use?"
    allowed = ALLOWED[module]
    if "*" in allowed:
        allowed = set(ALLOWED) - ({"deep"} if module == "plots" else set())
    assert used <= allowed, f"{module} may not use {used - allowed}"


def test_imports_have_no_cycle():
    order, waiting = set(), {m: on for m, on in edges().items() if m}
    while waiting:
        free = {m for m, on in waiting.items() if on <= order}
        assert free, f"a cycle among {sorted(waiting)}"
        order |= free
        waiting = {m: on for m, on in waiting.items() if m not in free}


def test_tensorflow_only_in_deep():
    for path in FILES:
        heavy = {
            n for n in imported(path) if n.split(".")[0] in {"tensorflow", "keras"}
        }
        assert not heavy or module_name(path).startswith("deep"), path


def test_tensorflow_only_in_the_notebooks_of_parts_four_and_five():
    for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join(
            "".join(c["source"]) for c in cells if c["cell_type"] == "code"
        )
        if path.parent.name[:1] not in "45":
            assert "import tensorflow" not in code, path


def measure_import():
    """CPU seconds that `import recbook` takes, and the heavy modules it loads."""
    code = (
        "import json, sys, time; start = time.process_time(); import recbook; "
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'pandas'} & set(sys.modules); "
        "print(json.dumps([time.process_time() - start, sorted(heavy)]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_import_is_light():
    runs = [measure_import() for _ in range(3)]
    assert all(heavy == [] for _, heavy in runs)
    assert min(seconds for seconds, _ in runs) < 0.5  # CPU time: others may be busy


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_modules_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 300 or module_name(path) in LONG_MODULES


def code_lines(function):
    """Lines of a function less its docstring."""
    length = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        length -= first.end_lineno - first.lineno + 1
    return length


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_functions_are_short(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{module_name(path)}.{node.name}"
            assert code_lines(node) <= 40 or name in LONG_FUNCTIONS, name


def test_exceptions_to_length_are_needed():
    names = {module_name(path) for path in FILES}
    assert set(LONG_MODULES) <= names
    assert {name.rpartition(".")[0] for name in LONG_FUNCTIONS} <= names


def is_private(path):
    return any(part.startswith("_") for part in module_name(path).split("."))


def definitions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def exported(path):
    """The names in a module's __all__, if it has one."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") == "__all__"
        ):
            return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
    return set()


def public_definitions():
    """Each function and class that readers are meant to call."""
    passed_on = set().union(*(exported(path) for path in FILES if not is_private(path)))
    found = []
    for path in FILES:
        name, listed = module_name(path), exported(path)
        if is_private(path):
            listed &= passed_on
        elif name.startswith("checks."):
            continue  # one function an exercise, marked by test_checks
        elif not listed:
            names = set(definitions(path)) - {"main"}
            listed = {key for key in names if not key.startswith("_")}
        defined = definitions(path)
        found += [
            pytest.param(defined[key], id=f"{name}.{key}")
            for key in sorted(listed & set(defined))
        ]
    return found


@pytest.mark.parametrize("node", public_definitions())
def test_public_names_have_a_docstring_with_an_example(node):
    doc = ast.get_docstring(node)
    assert doc, "no docstring"
    assert ">>>" in doc, "no doctest"


@pytest.mark.parametrize("node", public_definitions())
def test_public_methods_have_a_docstring(node):
    methods = node.body if isinstance(node, ast.ClassDef) else []
    for method in methods:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            assert ast.get_docstring(method), f"{method.name} has no docstring"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_modules_have_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "name", sorted(n for n in recbook_modules() if not n.startswith("_"))
)
def test_each_module_has_its_test_file(name):
    assert (ROOT / "tests" / f"test_{name}.py").exists()


def tracked_files():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in run.stdout.split("\0") if name]


def test_the_top_level_holds_what_it_should():
    found = {name.partition("/")[0] for name in tracked_files()}
    assert found <= TOP_LEVEL, f"why is it there? {found - TOP_LEVEL}"


def test_nothing_tracked_is_large():
    sizes = {name: (ROOT / name).stat().st_size for name in tracked_files()
             if (ROOT / name).is_file()}  # fmt: skip
    data = {name for name in sizes if name.startswith("data/")}
    assert max((sizes[n] for n in sizes if n not in data), default=0) < 1_000_000
