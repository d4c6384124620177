"""A copy of the kernels that numba has compiled, which no student's file can change.

numba keeps kernels as pickles, and a forged pickle runs code in each process that loads
it. So the command copies them before any file runs, each process reads that copy into
memory when it starts, and none saves a kernel.
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
    return [place for _, folders in _homes() for place in folders]


def _homes():
    """Yield numba's name for each folder of recbook, and where its kernels may lie.

    numba prefers the later of these places, so its kernels replace those before.
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
    """Copy all kernels of recbook to where ``NUMBA_CACHE_DIR=folder`` looks for them.

    Parameters
    ----------
    folder : Path
        A new one, which is made.
    """
    compile_some()
    folder.mkdir()
    for name, folders in _homes():
        for path in (path for place in folders for path in place.glob("*.nb[ic]")):
            (folder / name).mkdir(exist_ok=True)
            with contextlib.suppress(OSError):
                shutil.copyfile(path, folder / name / path.name)


def compile_some():
    """Compile the kernels that many notebooks call, where numba has not kept them.

    No student's process saves a kernel, so each would compile them again.
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
    """Let numba use the kernels that are on disk now, and save none.

    A file that is changed later is never read.
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
