"""MovieLens 100K, or the book's own data in the same files."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from recbook._core.validate import check_choice, check_positive_int
from recbook.datasets import download, files
from recbook.datasets.bundled import bundled
from recbook.ratings import Ratings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MovieLens", "load_ml100k"]

_BY_HAND = (
    "get ml-100k.zip from https://grouplens.org/datasets/movielens/100k/, unzip it "
    "and set RECBOOK_ML100K to the folder that holds u.data"
)

_said: set[str] = set()  # notices already printed by this process


@dataclass(frozen=True, eq=False)
class MovieLens:
    """MovieLens 100K, or the book's own data of the same files and shape.

    Parameters
    ----------
    ratings : Ratings
        u.data, in its order. Codes follow the ids of u.user and u.item.
    movies : pandas.DataFrame
        Row c is the film of code c: movie_id, title, release_date, year (of the
        release, missing if the date is), then one bool column per genre.
    users : pandas.DataFrame
        Row c is the person of code c: user_id, age (years), gender, occupation,
        zip_code (text).
    name : str
        Name of the data for titles.
    is_real : bool
        Whether u.data, u.item, u.user and u.genre are GroupLens's own, by their
        checksums.
    folder : Path
        Folder of the files.

    Examples
    --------
    >>> movielens = load_ml100k("embedded")
    >>> movielens.ratings.n_users, movielens.ratings.n_items
    (943, 1682)
    """

    ratings: Ratings
    movies: "pd.DataFrame" = field(repr=False)
    users: "pd.DataFrame" = field(repr=False)
    name: str
    is_real: bool
    folder: Path = field(repr=False)

    @property
    def genres(self) -> list[str]:
        """Names of the genres, which are the bool columns of ``movies``."""
        return list(self.movies.columns[4:])

    def fold(self, k=None, which="u") -> tuple[Ratings, Ratings]:
        """Return one of the official splits of the data.

        Parameters
        ----------
        k : {1, 2, 3, 4, 5}, optional
            Number of the fold of five; ``fold(1)`` is u1. None for ua and ub.
        which : {"u", "ua", "ub"}
            The five-fold split, 80 % in train, or one of the two with exactly ten
            test ratings per user.

        Returns
        -------
        train, test : Ratings
            Both keep the codes of the whole table.

        Raises
        ------
        ValueError
            If ``which`` and ``k`` name no split, or a file is damaged: its two halves
            must hold the ratings and times of u.data, each once.
        FileNotFoundError
            If a file is missing.

        Examples
        --------
        >>> train, test = load_ml100k("embedded").fold(1)
        >>> train.n_ratings, test.n_ratings
        (80000, 20000)
        """
        check_choice("which", which, ["u", "ua", "ub"])
        if which != "u":
            if k is not None:
                raise ValueError(
                    f"fold {which!r} takes no number, got k={k!r}; "
                    f"write fold(which={which!r})"
                )
            return files.read_split(self.folder, which, self.ratings)
        if check_positive_int("k", k) > 5:
            raise ValueError(f"k must be from 1 to 5, got {k!r}")
        return files.read_split(self.folder, f"u{k}", self.ratings)


def load_ml100k(source="auto") -> MovieLens:
    """Load MovieLens 100K, or the book's own data shaped like it.

    "auto" takes the first of: the folder in ``$RECBOOK_ML100K``, the download cache,
    one download (some 5 MB, verified, three minutes at most), the embedded data. The
    last prints one notice per process. A download that failed is not tried again for
    three hours.

    ``$RECBOOK_CACHE`` moves the cache; ``$RECBOOK_OFFLINE=1`` forbids the download.

    Parameters
    ----------
    source : {"auto", "real", "embedded"}
        "real" never takes the embedded data, and tries the download in any case.
        "embedded" takes nothing else.

    Returns
    -------
    MovieLens

    Raises
    ------
    FileNotFoundError
        If "real" finds no data (the message names each place it looked), or if the
        folder in ``$RECBOOK_ML100K`` lacks a file.
    ValueError
        If that folder is damaged. The message names file and line.

    References
    ----------
    Harper and Konstan (2015), https://doi.org/10.1145/2827872

    Examples
    --------
    >>> load_ml100k("embedded").is_real
    False
    """
    check_choice("source", source, ["auto", "real", "embedded"])
    if source == "embedded":
        return _load_embedded()
    named = os.environ.get("RECBOOK_ML100K")
    if named:
        return _load_named(_expanded(named))
    looked = ["$RECBOOK_ML100K: not set"]
    for place, find in [
        ("the cache", download.cached),
        ("the download", lambda: download.download(again=source == "real")),
    ]:
        try:
            return _load(find(), "MovieLens 100K", is_real=True)
        except download.Unavailable as reason:
            looked.append(f"{place}: {reason}")
    if source == "real":
        places = "\n".join(f"- {line}" for line in looked)
        raise FileNotFoundError(
            f"MovieLens 100K was not found. Looked in\n{places}\nBy hand: {_BY_HAND}."
        )
    movielens = _load_embedded()
    why = looked[-1].partition(": ")[2]
    why = "the real one could not be downloaded" if "://" in why else why
    _say_once(
        "Note: this page runs on recbook's own generated data, shaped like MovieLens "
        f"100K ({why}).\nFor the real one: {_BY_HAND}."
    )
    return movielens


def _load(folder, name, is_real):
    """Read a folder."""
    tables = files.read_folder(folder)
    return MovieLens(*tables, name=name, is_real=is_real, folder=folder)


def _expanded(named):
    """Return the folder in $RECBOOK_ML100K, which may begin with a ~."""
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(
            f"$RECBOOK_ML100K is {named!r}, but no such home folder is known; "
            "give the path in full"
        ) from error


def _load_named(folder):
    """Read the folder in $RECBOOK_ML100K; its checksums say whether it is real."""
    try:
        tables = files.read_folder(folder)
    except (FileNotFoundError, ValueError) as error:
        raise type(error)(f"{error} (the folder is from $RECBOOK_ML100K)") from error
    altered = files.not_published(folder)
    name = f"the data in {folder.name}" if altered else "MovieLens 100K"
    if altered:
        _say_once(
            "Note: the folder in $RECBOOK_ML100K is not GroupLens's MovieLens 100K: "
            f"the checksum of its {', '.join(altered)} differs."
        )
    return MovieLens(*tables, name=name, is_real=not altered, folder=folder)


def _load_embedded():
    """Read the data that comes with the package."""
    folder = bundled("ml-100k", "the embedded data")
    return _load(folder, "recbook synthetic 100K", is_real=False)


def _say_once(notice):
    """Print a notice, once a process."""
    if notice not in _said:
        _said.add(notice)
        print(notice)
