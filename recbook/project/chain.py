"""The steps of the film project, and the folder that holds their files."""

import functools
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from recbook import datasets
from recbook._core import order
from recbook._core.install import missing
from recbook.project import database, evaluation
from recbook.ratings import Ratings

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DamagedFileError",
    "FilmData",
    "Product",
    "artefact",
    "data",
    "folder",
    "lister",
    "model",
    "product",
    "report",
    "trained",
]

SEED = 0  # for every fit of the chain


class DamagedFileError(ValueError):
    """A file of the chain is not what was written. The message says what to do.

    >>> issubclass(DamagedFileError, ValueError)
    True
    """


@dataclass(frozen=True, eq=False)
class FilmData:
    """The result of step 1: the table that passed the checks.

    Parameters
    ----------
    ratings : Ratings
        Who gave how many stars to which film, and when.
    movies, users : pandas.DataFrame
        As in :class:`~recbook.datasets.MovieLens`. Row c describes code c.
    name : str
        Name of the data for titles.
    is_real : bool
        Whether it is MovieLens 100K itself.
    path : Path
        The SQLite file that the table was read from.

    Examples
    --------
    >>> films = data()
    >>> films.ratings.n_users, films.movies.shape[0] == films.ratings.n_items
    (943, True)
    """

    ratings: Ratings
    movies: "pd.DataFrame" = field(repr=False)
    users: "pd.DataFrame" = field(repr=False)
    name: str
    is_real: bool
    path: Path = field(repr=False)


@dataclass(frozen=True, eq=False)
class Product:
    """The result of step 5: both models, trained on all ratings, and the data.

    Parameters
    ----------
    rating : RatingTowers
        Predicts stars.
    retrieval : RetrievalTowers
        Makes lists.
    data : FilmData
        What both learned from.

    Examples
    --------
    >>> fields = Product.__dataclass_fields__
    >>> list(fields)
    ['rating', 'retrieval', 'data']
    """

    rating: object = field(repr=False)
    retrieval: object = field(repr=False)
    data: FilmData


def folder():
    """Return the folder of the chain's files, and make it if it is missing.

    It lies in ``$RECBOOK_PROJECT``, or else in ``_build/project`` of the checkout, or
    else in the user's cache. Its name is a fingerprint of the data and of the code.

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> folder().is_dir()
    True
    """
    checkout = order.PACKAGE.parent
    if os.environ.get("RECBOOK_PROJECT"):
        base = Path(os.environ["RECBOOK_PROJECT"])
    elif (checkout / "pyproject.toml").exists():
        base = checkout / "_build" / "project"
    else:
        import pooch

        base = Path(pooch.os_cache("recbook")) / "project"
    where = base / _fingerprint()
    where.mkdir(parents=True, exist_ok=True)
    return where


def artefact(name, make, read):
    """Return ``read(path)`` of a file of the chain, which is made if it is missing.

    Parameters
    ----------
    name : str
        Name of the file or folder in :func:`~recbook.project.folder`.
    make : callable
        ``make(path)`` writes it. The path is not the final one, so an interrupted run
        leaves nothing that looks complete.
    read : callable
        ``read(path)`` returns the contents.

    Returns
    -------
    object
        What ``read`` returns.

    Raises
    ------
    DamagedFileError
        If the file has changed since it was written. The message names the file to
        remove.

    Examples
    --------
    >>> path = artefact("greeting.txt", lambda p: p.write_text("hello"), lambda p: p)
    >>> artefact("greeting.txt", lambda p: 1 / 0, Path.read_text)
    'hello'
    >>> _ = path.write_text("hullo")
    >>> artefact("greeting.txt", lambda p: 1 / 0, Path.read_text)
    Traceback (most recent call last):
    ...
    recbook.project.chain.DamagedFileError: greeting.txt is not what was written: ...
    >>> path.unlink()
    """
    try:
        from filelock import FileLock
    except ImportError as error:
        raise ImportError(
            missing("recbook.project", "filelock", "app", "deep")
        ) from error
    path = folder() / name
    checksum = path.with_name(path.name + ".sha256")
    with FileLock(path.with_name(f".{path.name}.lock")):
        if not (path.exists() and checksum.exists()):
            drafts = f".new-{name}-"
            for old in path.parent.glob(drafts + "?" * 8):  # of a maker who was killed
                shutil.rmtree(old, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=drafts) as new:
                draft = Path(new) / name
                make(draft)
                checksum.write_text(_digest(draft), encoding="utf-8")
                _remove(path)
                draft.replace(path)
        elif checksum.read_text(encoding="utf-8") != _digest(path):
            raise DamagedFileError(
                f"{name} is not what was written: remove {path}, and it is made again"
            )
        return read(path)


def data():
    """Return the result of step 1, the checked table.

    Returns
    -------
    FilmData
        The table.

    Examples
    --------
    >>> data().ratings.n_items
    1682
    """

    def make(path):
        database.write(_movielens(), path)

    def read(path):
        tables, movielens = database.read(path), _movielens()
        return FilmData(*tables, movielens.name, movielens.is_real, path)

    return artefact("films.sqlite", make, read)


def model():
    """Return the result of step 2, the network of the rating towers before training.

    Returns
    -------
    keras.Model
        The network.

    Examples
    --------
    >>> model().output_shape  # doctest: +SKIP
    (None, 1)
    """
    from recbook.deep import RatingTowers
    from recbook.deep.lazy import keras

    def make(path):
        films = data()
        train, _ = _movielens().fold(1)
        untrained = RatingTowers(n_epochs=0, seed=SEED)
        untrained.fit(train, films.movies, films.users).network_.save(path)

    return artefact("model.keras", make, keras.models.load_model)


def trained():
    """Return the result of step 3, the rating towers trained on u1's train.

    Returns
    -------
    RatingTowers
        The fitted model.

    Examples
    --------
    >>> trained().predict([0], [0]).shape  # doctest: +SKIP
    (1,)
    """
    from recbook.deep import RatingTowers

    def make(path):
        films = data()
        train, _ = _movielens().fold(1)
        RatingTowers(seed=SEED).fit(train, films.movies, films.users).save(path)

    return artefact("trained.npz", make, RatingTowers.load)


def lister():
    """Return the retrieval towers trained on u1's train.

    Returns
    -------
    RetrievalTowers
        The fitted model.

    Examples
    --------
    >>> lister().recommend([0], k=10).shape  # doctest: +SKIP
    (1, 10)
    """
    from recbook.deep import RetrievalTowers

    def make(path):
        films = data()
        train, _ = _movielens().fold(1)
        RetrievalTowers(seed=SEED).fit(train, films.movies, films.users).save(path)

    return artefact("lists.npz", make, RetrievalTowers.load)


def report():
    """Return the result of step 4, the comparison of models on u1.

    Returns
    -------
    DataFrame
        One row per number, with the columns kind ("stars" or "lists"), model, metric,
        mean, low, high and n.

    Examples
    --------
    >>> report()[["kind", "metric"]].iloc[0].tolist()  # doctest: +SKIP
    ['stars', 'rmse']
    """

    def make(path):
        train, test = _movielens().fold(1)
        evaluation.write(path, trained(), lister(), train, test)

    return artefact("report.csv", make, evaluation.read)


def product():
    """Return the result of step 5, both towers trained on all ratings.

    Returns
    -------
    Product
        Both models and their data.

    Examples
    --------
    >>> product().retrieval.recommend([0], k=10).shape  # doctest: +SKIP
    (1, 10)
    """
    from recbook.deep import RatingTowers, RetrievalTowers

    films = data()

    def fitted(kind):
        def make(path):
            model = kind(validation_share=0.0, seed=SEED)
            model.fit(films.ratings, films.movies, films.users).save(path)

        return make

    classes = {"rating.npz": RatingTowers, "retrieval.npz": RetrievalTowers}
    both = [artefact(name, fitted(kind), kind.load) for name, kind in classes.items()]
    return Product(*both, films)


def _movielens():
    return datasets.load_ml100k()


@functools.cache
def _fingerprint():
    """Return a name for the data and the code that the chain's files depend on."""
    movielens = _movielens()
    parts = [movielens.ratings.values, movielens.ratings.users, movielens.ratings.items]
    total = hashlib.sha256(b"".join(part.tobytes() for part in parts))
    total.update(order.fingerprint("project").encode())
    kind = "real" if movielens.is_real else "embedded"
    return f"{kind}-{total.hexdigest()[:12]}"


def _digest(path):
    """Return the checksum of a file, or of a folder's files and their names."""
    inside = sorted(file for file in path.rglob("*") if file.is_file())
    total = hashlib.sha256()
    for file in inside or [path]:
        total.update(file.relative_to(path.parent).as_posix().encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
