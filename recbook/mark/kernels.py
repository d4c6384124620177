"""What numba has compiled, for processes that can trust it.

numba keeps kernels as pickles: who writes one runs code in each process that loads it.
So the command copies them before any file runs, each process reads that copy into
memory as it starts, and none saves any.
"""

import builtins
import contextlib
import io
import os
import shutil
from pathlib import Path

from recbook._core.order import PACKAGE

KINDS = (".nbi", ".nbc")


def places():
    """Return the folders where numba may keep kernels of recbook."""
    return [place for _, found in _homes() for place in found]


def _homes():
    """Yield what numba calls a folder of recbook, and where it may keep its kernels.

    The later of these is what numba prefers, and replaces the other.
    """
    from numba import config
    from numba.core import caching

    user = Path(caching.AppDirs(appname="numba", appauthor=False).user_cache_dir)
    named = [Path(config.CACHE_DIR)] if config.CACHE_DIR else []
    for source in {path.parent for path in PACKAGE.rglob("*.py")}:
        name = caching._CacheLocator.get_suitable_cache_subpath(str(source / "x.py"))
        beside = source / "__pycache__"
        yield name, [user / name, beside, *(place / name for place in named)]


def copy_kernels(folder):
    """Copy all that is compiled of recbook to where ``NUMBA_CACHE_DIR=folder`` looks.

    Parameters
    ----------
    folder : Path
        Is made.
    """
    compile_some()
    folder.mkdir()
    for name, found in _homes():
        for path in (path for place in found for path in place.glob("*.nb[ic]")):
            (folder / name).mkdir(exist_ok=True)
            with contextlib.suppress(OSError):
                shutil.copyfile(path, folder / name / path.name)


def compile_some():
    """Compile what many notebooks call, where numba has not kept it.

    No student's process keeps what it compiles, so each would do it again.
    """
    from recbook import baselines, datasets, evaluation, factorization, similarity

    toy = datasets.load_toy()
    for measure in ("cosine", "pearson", "adjusted_cosine", "jaccard"):
        getattr(similarity, measure)(toy.csr)
    halves = toy.subset(toy.users % 2 == 0), toy.subset(toy.users % 2 == 1)
    model = baselines.Popularity().fit(halves[0])
    evaluation.ranking_report(model, *halves, k=3)
    factorization.MatrixFactorization(n_epochs=1).fit(toy)


def freeze():
    """Let numba take kernels from what is on disk now, and save none.

    A file that somebody changes later is never read.
    """
    from numba import config
    from numba.core import caching

    paths = [p for p in Path(config.CACHE_DIR).rglob("*") if p.suffix in KINDS]
    kept = {str(path): path.read_bytes() for path in paths}

    def opened(path, mode="rb"):
        if not os.fspath(path).endswith(KINDS):
            return builtins.open(path, mode)
        if path not in kept:
            raise FileNotFoundError(path)
        return io.BytesIO(kept[path])

    caching.open = opened  # before the built-in of this name
    caching._CacheLocator.ensure_cache_path = lambda self: None
    caching.Cache.save_overload = lambda self, sig, data: None
