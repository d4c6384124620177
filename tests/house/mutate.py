"""Break the numerical modules on purpose and count how many breaks the tests notice.

A *mutant* is the package with one small change: ``<`` for ``<=``, ``+`` for ``-``, a
constant off by one, a condition turned round, a call left out. Each sampled mutant
stands in a copy of the package in a temporary folder, where the module's own tests and
doctests run, and what the contract suite asks of its models; it is killed if one
fails or hangs. The tracked files are never touched. numba is off, so that nothing has
to be compiled, and blocks are small, so that small tables have several.

    python tests/mutate.py                       # 60 mutants, seed 0
    python tests/mutate.py -n 200 --seed 7 --only metrics evaluation

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

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 0.85
# Public module, whose tests serve -> the files that it is made of.
GROUPS = {
    "baselines": ["baselines", "_ranking"],
    "bayesian": ["bayesian"],
    "bayesian_draws": ["_bayesian_draws"],
    "bayesian_features": ["_bayesian_features", "_described"],
    "bayesian_gibbs": ["_bayesian_gibbs", "_bayesian_levels"],
    "bayesian_time": ["_bayesian_time"],
    "deep_attention": ["deep/attention", "deep/_heads", "deep/_multihead"],
    "deep_autoencoder": [
        *("deep/autoencoder", "deep/_denoising", "deep/_multinomial"),
        *("deep/_variational", "deep/_tables"),
    ],
    "deep_behaviour": ["deep/behaviour", "deep/_events", "deep/_event_network"],
    "deep_din": ["deep/_din", "deep/_drawn", "deep/_target"],
    "deep_graph": [
        "deep/graph",
        "deep/_adjacency",
        "deep/_propagation",
        "deep/_softmax",
    ],
    "deep_knowledge": [
        "deep/_knowledge",
        "deep/_facts",
        "deep/_corruption",
        "deep/_paths",
        "deep/_translation",
    ],
    "deep_fm": ["deep/fm", "deep/_fields", "deep/_machine", "deep/_pooling"],
    "deep_ncf": ["deep/ncf"],
    "deep_sequential": [
        *("deep/sequential", "deep/_next_item", "deep/_sequences"),
        *("deep/_catalogue", "deep/_history", "deep/_transformer"),
    ],
    "deep_towers": [
        *("deep/towers", "deep/_retrieval_towers", "deep/_towers"),
        *("deep/_tower_rows", "deep/_tower_training"),
    ],
    "ensemble": ["ensemble"],
    "evaluation": ["evaluation", "_reports", "_sampled", "_inference"],
    "factorization": ["factorization/_shared", "_settings"],
    "factorization_als": ["factorization/als"],
    "factorization_bpr": ["factorization/bpr", "_triples"],
    "factorization_implicit": ["factorization/implicit", "factorization/_implicit"],
    "factorization_sgd": ["factorization/sgd", "factorization/_descent"],
    "factorization_svdpp": ["factorization/svdpp"],
    "grade": ["_grade_scores", "_grade_lists", "_grade_table", "_grade_tasks"],
    "linear": ["linear", "_linear"],
    "metrics": ["metrics", "_hits", "_beyond"],
    "neighbors": ["neighbors", "_neighborhood", "_knn"],
    "ratings": ["ratings", "_frames"],
    "similarity": ["similarity", "_pairs", "_packed", "_rows"],
    "splits": ["splits"],
    "validate": ["_validate"],
}
# Whose models the contract suite is asked about; their own tests have to pin the rest.
WITH_MODELS = {"baselines", "ensemble", "neighbors", "linear"}
WITH_MODELS |= {name for name in GROUPS if name.startswith("factorization_")}
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
    """One change: where, what was there, what stands there instead."""

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
    """Whether an operation is on strings, or joins types in an annotation."""
    parts = [getattr(node, side, None) for side in ("left", "right", "value")]
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str | None))
        for part in parts
        if part is not None
    )


def is_left_alone(node):
    """Whether to stay out: messages, decorators, annotations, lists of names, sizes."""
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.Assign):
        names = {getattr(target, "id", None) for target in node.targets}
        return bool(names & {*SIZES, "__all__"})
    return False


def sites(tree):
    """Yield (node, parent, field, index) wherever a change may go."""
    for field, value in ast.iter_fields(tree):
        if field in {"decorator_list", "annotation", "returns"}:
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST) and not is_left_alone(child):
                yield child, tree, field, index if isinstance(value, list) else None
                yield from sites(child)


def mutants(path):
    """Every mutant of one file."""
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
    """The head of a node's source, short enough to read in a list."""
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split("\n")[0]
    return text if len(text) <= 70 else text[:67] + "..."


# Running -----------------------------------------------------------------------------


def make_copy(folder):
    """Copy what the tests need; the data is read only, so a link will do."""
    unwanted = shutil.ignore_patterns("__pycache__", "benchmarks", "*.nbi", "*.nbc")
    for name in ("recbook", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "data").symlink_to(ROOT / "data")
    for path in (folder / "recbook").rglob("*.py"):
        path.write_text(with_small_blocks(path.read_text("utf-8")), encoding="utf-8")


def with_small_blocks(source):
    for name, size in SIZES.items():
        source = re.sub(rf"(?m)^{name} = .*", f"{name} = {size}", source)
    return source


def run_tests(folder, group, path, timeout):
    """True where all related tests pass, False where one fails or time is up."""
    end = time.monotonic() + timeout
    stages = [[str(path.relative_to(ROOT)), f"tests/test_{group}.py"]]
    if group in WITH_MODELS:
        stages.append(["tests/test_contract.py", "-k", " or ".join(models_of(group))])
    return all(run_stage(folder, stage, end - time.monotonic()) for stage in stages)


def models_of(group):
    """Names of a group's public classes.

    >>> models_of("linear")
    ['EASE', 'EDLAE', 'SLIM']
    """
    trees = [
        ast.parse((ROOT / "recbook" / f"{stem}.py").read_text(encoding="utf-8"))
        for stem in GROUPS[group]
    ]
    classes = [n.name for t in trees for n in t.body if isinstance(n, ast.ClassDef)]
    return [name for name in classes if not name.startswith("_")]


def run_stage(folder, tests, timeout):
    """True where some tests pass in time; tests are pytest's last arguments."""
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


def check_unbroken(folder, groups):
    """Seconds that each group's tests take as they are; stops where they fail."""
    seconds = {}
    code = "import recbook; print(recbook.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)}, check=True,
    ).stdout  # fmt: skip
    assert Path(where.strip()).is_relative_to(folder), where
    for group in groups:
        start = time.perf_counter()
        path = ROOT / "recbook" / f"{GROUPS[group][0]}.py"
        if not run_tests(folder, group, path, timeout=900):
            sys.exit(f"the tests of {group} fail without any change: mend that first")
        seconds[group] = time.perf_counter() - start
    return seconds


def survives(mutant, folders, timeouts):
    """Run one mutant in a free copy."""
    group = group_of(mutant.path)
    folder = folders.get()
    target = folder / mutant.path.relative_to(ROOT)
    original = target.read_text(encoding="utf-8")
    try:
        target.write_text(with_small_blocks(mutant.source), encoding="utf-8")
        return run_tests(folder, group, mutant.path, timeouts[group])
    finally:
        target.write_text(original, encoding="utf-8")
        folders.put(folder)


def group_of(path):
    stem = path.relative_to(ROOT / "recbook").with_suffix("").as_posix()
    return next(group for group, stems in GROUPS.items() if stem in stems)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=60, help="mutants to sample")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    arguments = parser.parse_args()
    stems = [stem for group in arguments.only for stem in GROUPS[group]]
    paths = [ROOT / "recbook" / f"{stem}.py" for stem in stems]
    every = [mutant for path in paths for mutant in mutants(path)]
    sample = random.Random(arguments.seed).sample(every, min(arguments.n, len(every)))
    groups = sorted({group_of(mutant.path) for mutant in sample})
    folders = queue.Queue()
    with tempfile.TemporaryDirectory() as temporary:
        for worker in range(arguments.workers):
            make_copy(Path(temporary).resolve() / str(worker))
            folders.put(Path(temporary).resolve() / str(worker))
        seconds = check_unbroken(folders.queue[0], groups)
        timeouts = {group: 10 + 3 * spent for group, spent in seconds.items()}
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
