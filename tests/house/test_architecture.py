"""The rules of CONTRIBUTING on the package: imports, lengths, docstrings, folders."""

import ast
import functools
import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from estimators import PUBLIC, SettingsContract

import recbook
from recbook import deep, marketing
from recbook._core.order import ORDER, PACKAGE, SIBLINGS, before, homes
from recbook.base import Estimator, Recommender, ranges

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(PACKAGE.rglob("*.py"))
CODE_LINES, FUNCTION_LINES = 250, 40
MOST_ENTRIES = {"": 30, "deep": 15}  # folder of recbook -> files and folders in it

TOP_LEVEL = {
    *("README.md", "LICENSE", "CONTRIBUTING.md", "WORDS.md"),
    *("Makefile", "pyproject.toml"),
    *("requirements.lock", "_config.yml", "_toc.yml", "conf.py"),
    *("chapters", "zh", "recbook"),
    *("data", "tests", ".ci", ".github", ".gitignore", ".gitattributes"),
}


def module_name(path):
    """recbook/deep/fm/base.py -> deep.fm.base; recbook/__init__.py -> "" (none)."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@functools.cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """Every absolute module name that a file imports, at its top or inside."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = [node.module]
            if path.suffix == ".pyi":  # of a face, and relative
                home = ["recbook", *path.parent.relative_to(PACKAGE).parts, *home]
            else:
                assert not node.level, f"{path}: imports are absolute"
            module = ".".join(filter(None, home))
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def none(offenders):
    """Fail with a line for each of the offenders."""
    offenders = list(offenders)
    assert not offenders, "\n" + "\n".join(map(str, offenders))


# Who imports whom ---------------------------------------------------------------------


def test_the_order_names_every_part():
    parts = {p.stem for p in PACKAGE.glob("*.py")} - {"__init__"}
    parts |= {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert parts == set(ORDER)
    assert set(ORDER) >= SIBLINGS
    assert len(set(ORDER)) == len(ORDER)


def test_a_part_imports_only_what_stands_before_it():
    for path in FILES:
        part = module_name(path).partition(".")[0]
        if not part:
            continue  # recbook/__init__.py names what it has, and imports it lazily
        used = {n.split(".")[1] for n in imported(path) if n.startswith("recbook.")}
        wrong = used & set(ORDER) - set(before(part))
        assert not wrong, f"{part} may not use {sorted(wrong)}: {path}"


def test_siblings_do_not_import_each_other():
    assert "linear" in before("ensemble")
    assert not SIBLINGS & set(before("deep")) - {"deep"}


def test_the_core_imports_nothing_of_recbook_above_it():
    for path in (PACKAGE / "_core").rglob("*.py"):
        none(n for n in imported(path)
             if n.startswith("recbook") and "_core" not in n)  # fmt: skip


def test_a_face_only_re_exports():
    """A package's __init__ has a docstring, imports, __all__ and lazy names."""
    for path in FILES:
        if path.name != "__init__.py" or path.parent == PACKAGE:
            continue
        for node in tree_of(path).body:
            targets = [ast.walk(t) for t in getattr(node, "targets", [])]
            names = {n.id for t in targets for n in t if isinstance(n, ast.Name)}
            kinds = ast.Import | ast.ImportFrom | ast.Expr
            assert isinstance(node, kinds) or set() < names <= {
                "__all__",
                "__dir__",
                "__getattr__",
                "_",
            }, f"{path}:{node.lineno} belongs into a file beside the face"


def test_a_face_names_no_file_like_a_name_it_exports():
    for path in FILES:
        if path.name == "__init__.py" and path.parent != PACKAGE:
            beside = {p.stem for p in path.parent.iterdir()} - {"__init__"}
            assert not beside & exported(path), path


def test_the_only_underscore_is_the_core():
    names = {p.relative_to(PACKAGE).as_posix() for p in FILES}
    none(n for n in names if any(part.startswith("_") and not part.startswith("__")
         for part in n.split("/")) and not n.startswith("_core/"))  # fmt: skip


def test_a_folder_has_few_entries():
    for name, most in MOST_ENTRIES.items():
        found = [p for p in (PACKAGE / name).iterdir() if p.name != "__pycache__"]
        found = [p for p in found if p.is_dir() or p.suffix == ".py"]
        assert len(found) <= most, sorted(p.name for p in found)


def test_what_the_benchmarks_import_is_there():
    """They are seldom run, and by hand: no other test would see that a name moved."""
    for path in sorted((ROOT / "tests" / "benchmarks").rglob("*.py")):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("recbook"):
                home = importlib.import_module(node.module)
                none(
                    f"{path}: {node.module}.{alias.name}" for alias in node.names
                    if not hasattr(home, alias.name)
                    and importlib.util.find_spec(f"{node.module}.{alias.name}") is None
                )  # fmt: skip


def test_tensorflow_only_in_deep():
    for path in FILES:
        heavy = {n for n in imported(path) if n.partition(".")[0] in HEAVY}
        assert not heavy or module_name(path).startswith("deep"), path


HEAVY = {"tensorflow", "keras"}


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


# What a reader meets ------------------------------------------------------------------


def lazy_modules():
    """What the lazy faces must offer: each part, and each module of marketing."""
    inside = pkgutil.iter_modules(marketing.__path__)
    return [*(set(ORDER) - {"_core"}), *(f"marketing.{m.name}" for m in inside)]


def test_a_lazy_face_offers_every_module():
    offered = {*recbook.__all__, *(f"marketing.{name}" for name in marketing.__all__)}
    none(set(lazy_modules()) - offered)


def estimators_among(offered, base=Estimator):
    """The estimators among public names, a dictionary of names and their kinds."""
    kinds = {name: kind for name, kind in offered.items() if isinstance(kind, type)}
    kinds = {name: kind for name, kind in kinds.items() if issubclass(kind, base)}
    return {n: k for n, k in kinds.items() if k not in (Estimator, Recommender)}


def test_public_models_are_importable_from_recbook():
    for module in lazy_modules():
        home = importlib.import_module(f"recbook.{module}")
        names = getattr(home, "__all__", ())
        offered = {name: getattr(home, name) for name in names}
        models = estimators_among(offered, base=Recommender)
        none(models.keys() - homes().keys())


def test_deep_offers_every_network():
    """By the text alone: a file of layers imports TensorFlow."""
    inside = [path for path in FILES if module_name(path).startswith("deep.")]
    nodes = [node for path in inside for node in tree_of(path).body]
    bases = {node.name: {ast.unparse(base) for base in node.bases}
             for node in nodes if isinstance(node, ast.ClassDef)}  # fmt: skip
    networks = {"DeepModel"}
    for _ in bases:
        networks |= {name for name, above in bases.items() if above & networks}
    assert networks - set().union(*bases.values()) == set(deep.__all__)


def contract_classes():
    """Every class of the tests that asks models, or settings, for a contract."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path != Path(__file__) and "Contract)" in path.read_text(encoding="utf-8"):
            spec = importlib.util.spec_from_file_location(path.stem, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield from (
                thing for thing in vars(module).values()
                if isinstance(thing, type) and issubclass(thing, SettingsContract)
            )  # fmt: skip


def test_every_public_estimator_keeps_its_contract():
    kept = {type(c.make()).__name__ for cls in contract_classes() for c in cls.cases}
    missing = estimators_among(PUBLIC).keys() - kept
    assert not missing, "add a ModelContract or an EstimatorContract to its own test"


def test_what_is_fitted_is_an_estimator():
    fitted = {n for n, k in PUBLIC.items() if isinstance(k, type) and hasattr(k, "fit")}
    none(fitted - estimators_among(PUBLIC).keys())


def test_every_setting_has_a_range():
    for estimator in estimators_among(PUBLIC).values():
        ranges(estimator)  # a KeyError names the setting without one


def test_no_estimator_sees_what_only_a_world_knows():
    """A shop never has `.truth`. The worlds alone write it."""
    for path in (PACKAGE / "marketing").rglob("*.py"):
        read = {n.attr for n in ast.walk(tree_of(path)) if isinstance(n, ast.Attribute)}
        assert "truth" not in read or path.parent.name == "worlds", path


# How long -----------------------------------------------------------------------------


def documentation(tree):
    """The numbers of the lines of docstrings."""
    lines = set()
    for node in ast.walk(tree):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            lines |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def code_lines(path):
    """The numbers of the lines that are neither blank, comment nor docstring."""
    text = path.read_text(encoding="utf-8").splitlines()
    written = {
        number for number, line in enumerate(text, start=1)
        if line.strip() and not line.strip().startswith("#")
    }  # fmt: skip
    return written - documentation(tree_of(path))


def stores_only(function):
    """Whether a constructor does nothing but store its arguments."""
    return function.name == "__init__" and all(
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for node in function.body
        if not isinstance(node, ast.Expr)
    )


def test_files_are_short():
    for path in FILES:
        code = len(code_lines(path))
        assert code <= CODE_LINES, f"{path} has {code} lines of code"


def test_functions_are_short():
    for path in FILES:
        code = code_lines(path)
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = len(code & set(range(node.lineno, node.end_lineno + 1)))
                assert length <= FUNCTION_LINES or stores_only(node), (path, node.name)


# What is documented -------------------------------------------------------------------


def definitions(path):
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: node for node in tree_of(path).body if isinstance(node, kinds)}


def exported(path):
    """The names in a module's __all__, or those that its stub takes from files."""
    if (stub := path.with_suffix(".pyi")).exists():
        imports = [n for n in tree_of(stub).body if isinstance(n, ast.ImportFrom)]
        return {a.name for node in imports if node.module for a in node.names}
    for node in tree_of(path).body:
        target = getattr(node, "targets", [None])[0]
        if isinstance(node, ast.Assign) and getattr(target, "id", "") == "__all__":
            return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
    return set()


def public_definitions():
    """(where, its node) of each function and class that readers are meant to call."""
    faces = [*PACKAGE.rglob("__init__.py"), *PACKAGE.rglob("__init__.pyi")]
    passed_on = {
        (n.rpartition(".")[0], n.rpartition(".")[2])
        for face in faces for n in imported(face) if n.startswith("recbook.")
    }  # fmt: skip
    for path in FILES:
        module = module_name(path)
        alone = "." not in module or module == "deep.ncf"
        alone |= module.startswith("marketing.") and module.count(".") == 1
        for name, node in definitions(path).items():
            public = (f"recbook.{module}", name) in passed_on
            if public or (alone and name in exported(path)):
                yield f"{module}.{name}", node


def test_a_part_of_one_file_says_what_is_public():
    alone = [PACKAGE / f"{part}.py" for part in ORDER]
    none(path for path in alone if path.exists() and not exported(path))


def test_public_names_have_a_docstring_with_an_example():
    found = dict(public_definitions())
    assert len(found) > 150
    none(n for n, node in found.items() if ">>>" not in (ast.get_docstring(node) or ""))


def test_public_methods_have_a_docstring():
    for name, node in public_definitions():
        for method in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(method, ast.FunctionDef) and method.name[0] != "_":
                assert ast.get_docstring(method), f"{name}.{method.name}"


def test_modules_have_a_docstring():
    none(path for path in FILES if not ast.get_docstring(tree_of(path)))


def test_each_part_has_its_tests():
    """recbook/x.py: tests/test_x.py; recbook/x/: that, or files in tests/x/."""
    tests = ROOT / "tests"
    for part in ORDER:
        here = [*(tests / part).glob("test_*.py"), tests / f"test_{part}.py"]
        assert any(path.exists() for path in here), f"where are the tests of {part}?"


# What is tracked ----------------------------------------------------------------------


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
