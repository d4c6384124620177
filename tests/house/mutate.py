"""Break the numerical modules on purpose and count how many breaks the tests notice.

A *mutant* is the package with one small change: ``<`` for ``<=``, ``+`` for ``-``, a
constant off by one, a condition turned round, a call left out. Each sampled mutant
stands in a copy of the package in a temporary folder, where the module's own tests,
the contract of its models among them, and doctests run; it is killed if one fails or
hangs. The tracked files are never touched. numba is off, so that nothing has
to be compiled, and blocks are small, so that small tables have several.

    python tests/house/mutate.py                       # 60 mutants, seed 0
    python tests/house/mutate.py -n 200 --seed 7 --only metrics evaluation

The exit status is 1 where fewer than 85 % are killed.
"""

import argparse
import ast
import contextlib
import copy
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from recbook._core.order import ORDER, sources

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 0.85
# What is not numerical: loaders, drawings, the service, tables, exercises.
LEFT_OUT = {"synthetic", "datasets", "plots", "leaderboard", "spark", "project"}
LEFT_OUT |= {"app", "checks"}
LEFT_OUT |= {"mark"}  # its tests read the chapters, of which a mutant has no copy
# Its draws may be changed without being wrong, as those of synthetic.
WORLDS = ROOT / "recbook" / "marketing" / "worlds"


def serving(path):
    """Return the test file of a file of the package, nearest first.

    >>> home = ROOT / "recbook"
    >>> for name in ("linear/kernels", "deep/graph/base", "deep/graph/knowledge"):
    ...     print(serving(home / f"{name}.py").relative_to(ROOT).as_posix())
    tests/test_linear.py
    tests/deep/test_graph.py
    tests/deep/test_knowledge.py
    """
    *folders, stem = path.relative_to(ROOT / "recbook").with_suffix("").parts
    names = [stem, *reversed(folders), "base"]
    while True:
        here = (ROOT / "tests").joinpath(*folders)
        for name in names:
            if (found := here / f"test_{name}.py").exists():
                return found
        folders.pop()
        if names[0] == "base":  # of the folder that was left: not its parent's
            del names[0]


def groups(parts):
    """Return {test file: the files that are changed on purpose and that it tests}."""
    found = {}
    for part in parts:
        for path in sources(part):
            if path.name != "__init__.py" and path.parent != WORLDS:
                found.setdefault(serving(path), []).append(path)
    return found


# How many rows go at a time changes memory and no result: not worth breaking.
SIZES = {"BLOCK": 4, "CHUNK": 2**14, "TILE": 8, "NUMBERS": 1000}

SWAPS = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult},
    **{ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In},
}
NAMES = {
    **{"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"},
    **{"argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any"},
    **{"floor": "ceil", "ceil": "floor", "zeros": "ones", "ones": "zeros"},
    **{"sum": "mean", "mean": "sum", "log2": "log"},
}


class Mutant(NamedTuple):
    """A change: its place, the code before, and the code after."""

    path: Path
    line: int
    before: str
    after: str
    source: str

    def __str__(self):
        where = f"{self.path.relative_to(ROOT)}:{self.line}"
        return f"{where}: {self.before} -> {self.after}"


def changes(node):
    """Yield what may stand in place of a node.

    >>> [ast.unparse(new) for new in changes(ast.parse("a < b", mode="eval").body)]
    ['a <= b']
    >>> [ast.unparse(new) for new in changes(ast.parse("3", mode="eval").body)]
    ['4', '2']
    """

    def with_(**fields):
        new = copy.copy(node)
        for name, value in fields.items():
            setattr(new, name, value)
        return new

    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            if type(op) in SWAPS and not is_text(node):
                yield with_(op=SWAPS[type(op)]())
        case ast.Compare(ops=[op, *rest]):
            if type(op) in SWAPS:
                yield with_(ops=[SWAPS[type(op)](), *rest])
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield with_(value=not value)
        case ast.Constant(value=int(value) | float(value)):
            # A constant so large that 1 is nothing beside it: times and divided by 10.
            both = (
                (value + 1, value - 1)
                if value + 1 != value
                else (value * 10, value / 10)
            )
            yield from (with_(value=new) for new in both)
        case ast.If() | ast.IfExp() | ast.While():
            if not isinstance(node.test, ast.UnaryOp):  # dropping its `not` is the same
                yield with_(test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Name(id=name) if name in NAMES:
            yield with_(id=NAMES[name])
        case ast.Attribute(attr=name) if name in NAMES:
            yield with_(attr=NAMES[name])
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()


def is_text(node):
    """Return whether an operation is on strings, or joins types in an annotation."""
    parts = [getattr(node, side, None) for side in ("left", "right", "value")]
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str | None))
        for part in parts
        if part is not None
    )


def is_left_alone(node):
    """Return whether a node is left alone, as messages, annotations and sizes are."""
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Assign):
        names = {getattr(target, "id", None) for target in node.targets}
        return bool(names & {*SIZES, "__all__"})
    return False


def sites(tree):
    """Yield (node, parent, field, index) of each place that may be changed."""
    for field, value in ast.iter_fields(tree):
        if field in {"decorator_list", "annotation", "returns"}:
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and not is_left_alone(child):
                yield child, tree, field, index if isinstance(value, list) else None
                yield from sites(child)


def mutants(path):
    """Return every mutant of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node, parent, field, index in sites(tree):
        for new in changes(node):
            put(parent, field, index, new)
            shown = [one_line(n) for n in (node, new)]
            line = getattr(node, "lineno", 0)
            found.append(Mutant(path, line, *shown, ast.unparse(tree)))
            put(parent, field, index, node)
    return found


def put(parent, field, index, node):
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def one_line(node):
    """Return the beginning of a node's source, short enough for a list."""
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split("\n")[0]
    return text if len(text) <= 70 else text[:67] + "..."


# Running -----------------------------------------------------------------------------


def make_copy(folder):
    """Copy what the tests need; the data is read only, so a link will do."""
    unwanted = shutil.ignore_patterns("__pycache__", "benchmarks", "*.nbi", "*.nbc")
    # The browser of .ci is a fixture of all tests; with _ext tests read notebooks.
    for name in ("recbook", "tests", ".ci", "chapters/_ext"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "data").symlink_to(ROOT / "data")
    for path in (folder / "recbook").rglob("*.py"):
        path.write_text(with_small_blocks(path.read_text("utf-8")), encoding="utf-8")


def with_small_blocks(source):
    for name, size in SIZES.items():
        source = re.sub(rf"(?m)^{name} = \d.*", f"{name} = {size}", source)
    return source


def run_tests(folder, path, timeout):
    """Return True if all related tests pass, False if one fails or takes too long."""
    tests = [path, serving(path)]
    return run_stage(folder, [str(p.relative_to(ROOT)) for p in tests], timeout)


def run_stage(folder, tests, timeout):
    """Return whether tests, the last arguments of pytest, pass in time."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "no:nbval", "-p", "no:xdist", "-m", "not slow and not site"]
    command += tests
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),  # comes before the editable install
        "PYTHONDONTWRITEBYTECODE": "1",  # a stale .pyc would hide the change
        "NUMBA_DISABLE_JIT": "1",
        "OMP_NUM_THREADS": "1",
    }
    with contextlib.suppress(subprocess.TimeoutExpired):
        run = subprocess.run(
            command, cwd=folder, env=environment, timeout=timeout, capture_output=True
        )
        return run.returncode == 0
    return False


def check_unbroken(folder, chosen):
    """Return the seconds of each test file without a change; stop if one fails."""
    seconds = {}
    code = "import recbook; print(recbook.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)}, check=True,
    ).stdout  # fmt: skip
    assert Path(where.strip()).is_relative_to(folder), where
    for tests, (path, *_) in chosen.items():
        start = time.perf_counter()
        if not run_tests(folder, path, timeout=900):
            sys.exit(f"{tests} fails without any change: mend that first")
        seconds[tests] = time.perf_counter() - start
    return seconds


def survives(mutant, folders, timeouts):
    """Run one mutant in a free copy."""
    folder = folders.get()
    target = folder / mutant.path.relative_to(ROOT)
    original = target.read_text(encoding="utf-8")
    try:
        target.write_text(with_small_blocks(mutant.source), encoding="utf-8")
        return run_tests(folder, mutant.path, timeouts[serving(mutant.path)])
    finally:
        target.write_text(original, encoding="utf-8")
        folders.put(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=60, help="mutants to sample")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--workers", type=int, default=2)
    parts = sorted(set(ORDER) - LEFT_OUT)
    parser.add_argument("--only", nargs="+", choices=parts, default=parts)
    arguments = parser.parse_args()
    paths = [path for found in groups(arguments.only).values() for path in found]
    every = [mutant for path in paths for mutant in mutants(path)]
    sample = random.Random(arguments.seed).sample(every, min(arguments.n, len(every)))
    broken = groups(arguments.only)
    chosen = {serving(mutant.path) for mutant in sample}
    folders = queue.Queue()
    with tempfile.TemporaryDirectory() as temporary:
        for worker in range(arguments.workers):
            make_copy(Path(temporary).resolve() / str(worker))
            folders.put(Path(temporary).resolve() / str(worker))
        seconds = check_unbroken(
            folders.queue[0], {t: broken[t] for t in sorted(chosen)}
        )
        timeouts = {tests: 10 + 3 * spent for tests, spent in seconds.items()}
        print(
            f"{len(sample)} of {len(every)} mutants, seed {arguments.seed}", flush=True
        )
        with ThreadPoolExecutor(arguments.workers) as pool:
            alive = list(pool.map(lambda m: report(m, folders, timeouts), sample))
    survivors = [mutant for mutant, lives in zip(sample, alive, strict=True) if lives]
    killed = len(sample) - len(survivors)
    print(f"\n{killed} of {len(sample)} killed ({killed / len(sample):.0%})")
    for mutant in sorted(survivors):
        print(f"  survived  {mutant}")
    return killed < ENOUGH * len(sample)


def report(mutant, folders, timeouts):
    lives = survives(mutant, folders, timeouts)
    print(f"{'SURVIVED' if lives else 'killed  '}  {mutant}", flush=True)
    return lives


if __name__ == "__main__":
    sys.exit(main())
