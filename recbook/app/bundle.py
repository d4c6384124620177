"""What the service reads: a folder of four files, checked, without any code in them.

``manifest.json``
    The number of the format, the name of the data, the checksum of each other file.
``towers.npz``
    Both pairs of towers as arrays, and a checksum of the films whose rows they are.
``index.faiss``
    The graph in which the films of the largest product are found.
``films.json``
    The catalogue: id, title, year, genres, how many rated and how many liked it.

Nothing of it is unpickled, for a pickle runs whatever its writer wanted; and nothing
in it is about a person who rated. TensorFlow is needed neither to read it nor to serve.
"""

import hashlib
import itertools
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from recbook.app import index as neighbours
from recbook.app.catalogue import LIKED, Film, year_in
from recbook.app.towers import ServingTower

__all__ = ["Bundle", "BundleError", "export", "make", "read", "toy", "write"]

FORMAT = 2  # counts up with every change that an older reader would misread
FILES = ("towers.npz", "index.faiss", "films.json")
REFUSED: tuple[type[Exception], ...]
REFUSED = (OSError, KeyError, ValueError, TypeError, RuntimeError)
REFUSED += (AttributeError, MemoryError, zipfile.BadZipFile)
WAY_OUT = (
    "remove the folder and start the service again without --bundle: it makes a new one"
)


class BundleError(ValueError):
    """A bundle is missing, damaged or of another format. It names the file.

    >>> issubclass(BundleError, ValueError)
    True
    """


@dataclass(frozen=True, eq=False)
class Bundle:
    """All that an engine needs.

    Parameters
    ----------
    name : str
        Name of the data.
    films : tuple of Film
        Film i has the code i.
    retrieval, rating : ServingTower
        Which films somebody would choose, and how many stars they would give.
    index : faiss.Index or None
        Over ``retrieval.films``, made by ``recbook.app.index``. Without it,
        :meth:`search` scores all films.

    Examples
    --------
    >>> bundle = toy()
    >>> bundle.films[0].title, bundle.retrieval.films.shape
    ('Alien', (6, 3))
    """

    name: str
    films: tuple = field(repr=False)
    retrieval: ServingTower = field(repr=False)
    rating: ServingTower = field(repr=False)
    index: object = field(default=None, repr=False)

    def search(self, user, n):
        """Return rows and scores of about the ``n`` best films, best first.

        Parameters
        ----------
        user : (k + 1,) array
            From ``retrieval.user_vector``.
        n : int
            Number of films. A graph index may miss a few of the very best.

        Examples
        --------
        >>> import numpy as np
        >>> toy().search(np.array([1.0, 0.0, 1.0]), 2)[0].tolist()
        [0, 2]
        """
        if self.index is None:
            rows = np.argsort(-(self.retrieval.films @ user), kind="stable")[:n]
        else:
            rows = neighbours.search(self.index, user, n)
        return rows, self.retrieval.films[rows] @ user


def export(product):
    """Return the :class:`Bundle` of a :class:`recbook.project.Product`.

    >>> export.__name__  # needs a fitted product: recbook.project.product()
    'export'
    """
    ratings, movies = product.data.ratings, product.data.movies
    counts = np.bincount(ratings.items, minlength=ratings.n_items)
    liked = ratings.items[ratings.values >= LIKED]
    likes = np.bincount(liked, minlength=ratings.n_items)
    names = [c for c in movies.columns if movies[c].dtype == bool]
    flags = movies[names].to_numpy(dtype=bool)
    years = movies.year.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    known, titles = np.isfinite(years), [str(title) for title in movies.title]
    films = tuple(
        Film(
            int(movies.movie_id.iloc[code]),
            titles[code],
            year_in(titles[code]) or (int(years[code]) if known[code] else None),
            tuple(itertools.compress(names, flags[code])),
            int(counts[code]),
            int(likes[code]),
        )
        for code in range(ratings.n_items)
    )
    retrieval = ServingTower.of(product.retrieval)
    rating = ServingTower.of(product.rating)
    index = neighbours.build(retrieval.films)
    return Bundle(product.data.name, films, retrieval, rating, index)


def write(product, folder):
    """Write the bundle of a product to a folder. The manifest comes last, as a seal.

    Parameters
    ----------
    product : recbook.project.Product or Bundle
        What to serve.
    folder : path
        Created if it is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(toy(), folder)
    ...     read(folder).films[1].title
    'Dune'
    """
    bundle = product if isinstance(product, Bundle) else export(product)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    halves = {"retrieval": bundle.retrieval, "rating": bundle.rating}
    arrays = {
        f"{name}_{key}": array
        for name, tower in halves.items()
        for key, array in tower.arrays().items()
    }
    arrays["catalogue"] = _fingerprint(bundle.films)
    with (folder / "towers.npz").open("wb") as file:
        np.savez(file, **arrays)
    films = json.dumps([asdict(film) for film in bundle.films], ensure_ascii=False)
    (folder / "films.json").write_text(films + "\n", encoding="utf-8")
    neighbours.write(bundle.index, folder / "index.faiss")
    about = {
        "format": FORMAT,
        "data": bundle.name,
        "sha256": {name: _digest(folder / name) for name in FILES},
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def read(folder):
    """Return the :class:`Bundle` in a folder, every file checked before it is read.

    Raises
    ------
    BundleError
        If a file is missing, was changed, or has another format.

    Examples
    --------
    >>> read("no-such-folder")
    Traceback (most recent call last):
    ...
    recbook.app.bundle.BundleError: no-such-folder/manifest.json is missing: ...
    """
    folder = Path(folder)
    about = _manifest(folder / "manifest.json")
    for name in FILES:
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{path} is missing: {WAY_OUT}")
        if _digest(path) != about["sha256"].get(name):
            raise BundleError(f"{path} is not what was written: {WAY_OUT}")
    try:
        return _assembled(folder, about)
    except REFUSED as error:
        raise BundleError(
            f"{folder} holds files that do not belong together "
            f"({type(error).__name__}: {error}): {WAY_OUT}"
        ) from error


def make():
    """Return the folder of the chain's bundle, and make it if it is missing.

    >>> make().name  # doctest: +SKIP
    'bundle-2'
    """
    from recbook import project

    def written(folder):
        write(project.product(), folder)

    return project.artefact(f"bundle-{FORMAT}", written, Path)


def toy():
    """Return a bundle of the book's six toy films, its two taste axes set by hand.

    >>> [film.title for film in toy().films]
    ['Alien', 'Dune', 'Heat', 'Up', 'Coco', 'Babe']
    """
    titles = ("Alien", "Dune", "Heat", "Up", "Coco", "Babe")
    genres = (("Sci-Fi",), ("Sci-Fi",), ("Action",), *[("Children's",)] * 3)
    films = tuple(
        Film(code + 1, title, 1979 + code, genres[code], 3, 2)
        for code, title in enumerate(titles)
    )
    tastes = np.array([[2.0, 0], [1, 0.5], [1.5, 0], [0, 2], [0, 1.5], [0.5, 1.5]])
    weights = np.array([[0.5], [0.2], [0.0], [0.4], [0.1], [0.0]])
    tower = ServingTower.simple(tastes, weights, mean=0.0)
    stars = ServingTower.simple(tastes / 2, weights / 2, mean=3.5)
    return Bundle("the toy table", films, tower, stars)


def _assembled(folder, about):
    """Read the files that a manifest lists, and check that they fit each other."""
    # Opened here, since np.load leaves the file of a damaged zip open.
    with (
        (folder / "towers.npz").open("rb") as raw,
        np.load(raw, allow_pickle=False) as file,
    ):
        arrays = {name: file[name] for name in file.files}
    halves = []
    for half in ("retrieval", "rating"):
        own = {n.partition("_")[2]: a for n, a in arrays.items() if n.startswith(half)}
        halves.append(ServingTower.from_arrays(own))
    listed = json.loads((folder / "films.json").read_text(encoding="utf-8"))
    films = tuple(map(_film, listed))
    if len({film.id for film in films}) < len(films):
        raise ValueError("two films have one id")
    index = neighbours.read(folder / "index.faiss")
    for name, tower in zip(("retrieval", "rating"), halves, strict=True):
        if len(tower.films) != len(films):
            raise ValueError(
                f"{len(films)} films, but the {name} towers have {len(tower.films)}"
            )
    n, width = halves[0].films.shape
    if index is not None and (index.ntotal, index.d) != (n, width + 1):
        raise ValueError(f"index of {index.ntotal} films, in {index.d} dimensions")
    if index is not None and not neighbours.holds(index, halves[0].films):
        raise ValueError("index of other vectors than those of the towers")
    if not np.array_equal(arrays["catalogue"], _fingerprint(films)):
        raise ValueError("other films than the vectors were made for, or another order")
    return Bundle(about["data"], films, *halves, index)


def _film(entry):
    """Return a film from its JSON. Raise a ValueError if that is anything else."""
    film = Film(**{**entry, "genres": tuple(entry["genres"])})
    texts = film.title, *film.genres
    counts = film.id, film.ratings, film.likes, 0 if film.year is None else film.year
    if (
        type(entry["genres"]) is not list
        or not all(type(text) is str and text for text in texts)
        or not all(type(count) is int and 0 <= count < 2**63 for count in counts)
        or not 0 <= counts[-1] <= 9999
    ):
        raise ValueError("a film has an entry of another kind than this recbook writes")
    return film


def _fingerprint(films):
    """Return a checksum of the films in their order, as an array."""
    named = json.dumps([[film.id, film.title] for film in films])
    return np.frombuffer(hashlib.sha256(named.encode()).digest(), dtype=np.uint8)


def _manifest(path):
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        number = about["format"]
        if type(about["sha256"]) is not dict or type(about["data"]) is not str:
            raise TypeError
    except FileNotFoundError:
        raise BundleError(f"{path} is missing: {WAY_OUT}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BundleError(f"{path} is no manifest of a bundle: {WAY_OUT}") from None
    if number != FORMAT:
        raise BundleError(
            f"{path} is of format {number!r}, "
            f"and this recbook reads {FORMAT}: {WAY_OUT}"
        )
    return about


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
