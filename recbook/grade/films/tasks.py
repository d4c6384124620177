"""What a class is asked to predict, and how the held-out ratings are drawn."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recbook import datasets
from recbook.leaderboard import recipes
from recbook.ratings import Ratings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answers", "Task", "World", "practice", "practice_world"]

PRACTICE_SEED = 5  # public: anybody can draw this split, and so has its answers
SHARES = 0.7, 0.9  # train | pairs to predict | what the lists are graded by


@dataclass(frozen=True, eq=False)
class Task:
    """What a student gets: ratings to learn from, and pairs to predict.

    Parameters
    ----------
    train : Ratings
        Codes follow the rows of ``movies`` and ``users``.
    movies, users : pandas.DataFrame
        As in :class:`recbook.datasets.MovieLens`; row c is the one of code c.
    pairs : pandas.DataFrame
        Columns user_id and movie_id: the pairs to predict, in order of the ids.
    name : str
        Title of the task.

    Examples
    --------
    >>> task = practice(source="embedded")
    >>> task.pairs.columns.tolist()
    ['user_id', 'movie_id']
    """

    train: Ratings
    movies: "pd.DataFrame" = field(repr=False)
    users: "pd.DataFrame" = field(repr=False)
    pairs: "pd.DataFrame" = field(repr=False)
    name: str

    @property
    def codes(self):
        """Users and items of ``pairs`` as codes: ``model.predict(*task.codes)``."""
        users = codes_of(self.train.user_ids, self.pairs["user_id"])
        return users, codes_of(self.train.item_ids, self.pairs["movie_id"])


@dataclass(frozen=True, eq=False)
class Answers:
    """The held-out ratings: pairs of ids, stars, and what the baselines say.

    Parameters
    ----------
    users, movies : (n,) int64 array
        Ids, not codes.
    stars : (n,) float64 array
        The ratings.
    baselines : dict of str to (n,) float64 array
        The baselines' predictions, by name; may be empty.
    name : str
        Name of the data.
    noise : (n,) float64 array, optional
        What in each rating nobody can know, as the world drew it.

    Examples
    --------
    >>> Answers([1, 1], [7, 9], [4.0, 2.0], {}, "by hand").name
    'by hand'
    """

    users: np.ndarray
    movies: np.ndarray
    stars: np.ndarray
    baselines: dict
    name: str
    noise: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class World:
    """A task with its answers: a teacher's side of it.

    Parameters
    ----------
    task : Task
        What students get.
    pairs, lists : Ratings
        Held-out ratings: those of the pairs to predict, and others for grading lists.
    noise : (array or None, array or None)
        What in each of the two nobody can know; the practice split has none.

    Examples
    --------
    >>> world = practice_world(source="embedded")
    >>> world.pairs.n_ratings == len(world.task.pairs)
    True
    """

    task: Task
    pairs: Ratings
    lists: Ratings
    noise: tuple = (None, None)

    def answers(self):
        """Return the answers to the pairs, with both baselines fitted."""
        train, held = self.task.train, self.pairs
        models = {name: recipes()[name]() for name in ("bias", "knn")}
        baselines = {
            name: model.fit(train).predict(held.users, held.items)
            for name, model in models.items()
        }
        users, movies = held.user_ids[held.users], held.item_ids[held.items]
        facts = users, movies, held.values, baselines, self.task.name
        return Answers(*facts, self.noise[0])


def practice(source="auto"):
    """Return the practice task: MovieLens 100K at hand, split by a public seed.

    Nothing of it is secret. It is there to try a model and the form of a file.

    Parameters
    ----------
    source : {"auto", "real", "embedded"}
        As for :func:`recbook.datasets.load_ml100k`.

    Returns
    -------
    Task

    Examples
    --------
    >>> practice(source="embedded").train.n_ratings
    69992
    """
    return practice_world(source).task


def practice_world(source="auto"):
    """Return the practice task with its answers, a :class:`World`.

    Parameters
    ----------
    source : {"auto", "real", "embedded"}
        As for :func:`practice`.

    Examples
    --------
    >>> world = practice_world(source="embedded")
    >>> world.pairs.n_ratings, world.lists.n_ratings
    (20010, 9998)
    """
    data = datasets.load_ml100k(source)
    name = f"the practice split of {data.name}"
    return deal(data.ratings, data.movies, data.users, PRACTICE_SEED, name)


def deal(ratings, movies, users, seed, name):
    """Deal each person's ratings at random into train, pairs and lists."""
    import pandas as pd

    rng = np.random.default_rng([seed, 11])
    order = np.lexsort((rng.random(ratings.n_ratings), ratings.users))
    size = np.bincount(ratings.users, minlength=ratings.n_users)
    start = np.cumsum(size) - size
    who = ratings.users[order]
    place = np.empty(ratings.n_ratings, dtype=np.int64)
    place[order] = np.arange(ratings.n_ratings) - start[who]
    first, second = (np.round(share * size[ratings.users]) for share in SHARES)
    in_train, in_lists = place < first, place >= second
    # By id: neither the order of the file nor a time says what the rating was.
    pairs = _by_id(ratings, np.flatnonzero(~in_train & ~in_lists))
    to_predict = {
        "user_id": pairs.user_ids[pairs.users],
        "movie_id": pairs.item_ids[pairs.items],
    }
    train = _by_id(ratings, np.flatnonzero(in_train))
    task = Task(train, movies, users, pd.DataFrame(to_predict), name)
    return World(task, pairs, _by_id(ratings, np.flatnonzero(in_lists)))


def _by_id(ratings, rows):
    """Return some ratings in the order of their codes."""
    rows = rows[np.lexsort((ratings.items[rows], ratings.users[rows]))]
    times = None if ratings.timestamps is None else ratings.timestamps[rows]
    return Ratings(
        ratings.users[rows],
        ratings.items[rows],
        ratings.values[rows],
        times,
        ratings.user_ids,
        ratings.item_ids,
    )


def codes_of(known, ids):
    """Return the place of each of `ids` among the `known` ones, -1 where it is none."""
    import pandas as pd

    return pd.Index(known).get_indexer(ids)
