"""Worlds made by a seed: what students get, and the answers that a teacher keeps."""

import contextlib
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from recbook import synthetic
from recbook.datasets import files
from recbook.grade.files import (
    Refused,
    check_no_repeats,
    named,
    numbers,
    read_columns,
    shown,
    stars,
    whole_numbers,
)
from recbook.grade.films.noise import drawn_noise
from recbook.grade.films.tasks import Answers, Task, World, codes_of, deal
from recbook.ratings import Ratings

__all__ = ["load", "new", "read_answers", "read_world"]

STUDENTS = "students"  # the folder that is handed out
FILES = {"train": "train.csv", "movies": "films.csv", "users": "people.csv"}


def new(folder, seed=None):
    """Make a world that nobody has seen, and write what students and teacher get.

    ``folder/students`` is handed out: train.csv, films.csv, people.csv and pairs.csv.
    ``folder/answers.csv``, ``folder/answers-lists.csv`` and ``folder/seed.txt`` stay
    with the teacher: the same seed makes the same world, answers and all.

    Parameters
    ----------
    folder : str or Path
        Created if it is missing. A folder that holds a world already is refused.
    seed : int, optional
        If it is left out, 128 bits are drawn from the machine's source of secrets. A
        small seed can be found by trying.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    Refused
        If the folder holds answers already, or the seed is negative.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seed = new(folder)
    ...     sorted(path.name for path in Path(folder, "students").iterdir())
    ['films.csv', 'pairs.csv', 'people.csv', 'train.csv']
    """
    folder, seed = begin(folder, seed)
    world = invent(seed)
    with keeping(folder, seed):
        _write(folder, world)
    return seed


def begin(folder, seed):
    """Return an empty folder's path and a seed, drawn as a secret if it is None."""
    folder = Path(folder)
    seed = secrets.randbits(128) if seed is None else seed
    if seed < 0:
        raise Refused(f"seed is {seed}; write a whole number of at least 0")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(
            f"{named(folder)} is there already and not an empty folder; name another, "
            "so that no class loses its answers"
        )
    return folder, seed


@contextlib.contextmanager
def keeping(folder, seed):
    """Let files be written, and the seed after them; refuse what cannot be."""
    try:
        yield
        (folder / "seed.txt").write_text(f"{seed}\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{named(folder)} cannot be written: {error.strerror}") from None


def invent(seed):
    """Return the world of a seed, with the noise of its hidden ratings."""
    rng = np.random.default_rng(seed)
    data = replace(synthetic.generate(rng), seed=seed)
    noise = drawn_noise(rng, len(data.table))
    with tempfile.TemporaryDirectory() as place:
        synthetic.write(place, data)
        tables = files.read_folder(Path(place))
    world = deal(*tables, seed, "a world of the class's own")
    row = {(u, i): t for t, (u, i) in enumerate(data.table[:, :2].tolist())}
    return replace(world, noise=tuple(
        noise[[row[pair] for pair in _pairs(held)]]
        for held in (world.pairs, world.lists)
    ))  # fmt: skip


def _pairs(ratings):
    """Yield the ids of each rating's person and film."""
    users, items = ratings.user_ids[ratings.users], ratings.item_ids[ratings.items]
    return zip(users.tolist(), items.tolist(), strict=True)


def _write(folder, world):
    """Write a world's files."""
    task, answers = world.task, world.answers()
    out = folder / STUDENTS
    out.mkdir(parents=True)
    _integers(task.train.frame()).to_csv(out / FILES["train"], index=False)
    task.pairs.to_csv(out / "pairs.csv", index=False)
    for name in ("movies", "users"):
        getattr(task, name).to_csv(out / FILES[name], index=False)
    frame = task.pairs.assign(rating=answers.stars.astype(int))
    frame = frame.assign(noise=world.noise[0].round(6))
    frame = frame.assign(**{k: v.round(6) for k, v in answers.baselines.items()})
    frame.to_csv(folder / "answers.csv", index=False)
    lists = _integers(world.lists.frame()).drop(columns="timestamp")
    lists = lists.assign(noise=world.noise[1].round(6))
    lists.to_csv(folder / "answers-lists.csv", index=False)


def _integers(frame):
    """Write 4, not 4.0, for whole stars."""
    return frame.assign(rating=frame["rating"].astype(int))


def load(folder):
    """Read what a teacher handed out.

    Parameters
    ----------
    folder : str or Path
        With the four files that :func:`new` wrote for students.

    Returns
    -------
    Task
        ``model.fit(task.train).predict(*task.codes)`` answers it.

    Raises
    ------
    Refused
        If a file is missing or broken.

    Examples
    --------
    >>> load("nowhere")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' has no train.csv; name what was handed out
    """
    return handed_out(folder, [*FILES.values(), "pairs.csv"], _task)


def handed_out(folder, names, read):
    """Return ``read(folder)`` of what was handed out, files of these names."""
    folder = Path(folder)
    for name in names:
        if not (folder / name).is_file():
            raise Refused(f"{named(folder)} has no {name}; name what was handed out")
    try:
        return read(folder)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(
            f"{named(folder)} is not as it was handed out ({shown(error, most=99)}); "
            "take a fresh copy"
        ) from None


def _task(folder):
    """Read the four files of a folder."""
    import pandas as pd

    movies = pd.read_csv(folder / FILES["movies"], parse_dates=["release_date"])
    users = pd.read_csv(folder / FILES["users"], dtype={"zip_code": str})
    ids = users["user_id"].to_numpy(), movies["movie_id"].to_numpy()
    rows = pd.read_csv(folder / FILES["train"])
    codes = codes_of(ids[0], rows["user_id"]), codes_of(ids[1], rows["movie_id"])
    values, times = rows["rating"].to_numpy(float), rows["timestamp"].to_numpy()
    train = Ratings(*codes, values, times, *ids)
    pairs = pd.read_csv(folder / "pairs.csv")[["user_id", "movie_id"]]
    return Task(train, movies, users, pairs, f"the world in {folder}")


def read_answers(path):
    """Read answers.csv: user_id, movie_id, rating, noise, and a column per baseline.

    Parameters
    ----------
    path : str or Path
        As written by :func:`new`; the noise may be absent. Any further column is a
        baseline's predictions.

    Returns
    -------
    Answers

    Raises
    ------
    Refused
        As for a file that is handed in.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "answers.csv")
    ...     _ = path.write_text("user_id,movie_id,rating,mean\\n1,7,5,3.5\\n")
    ...     read_answers(path).baselines["mean"].tolist()
    [3.5]
    """
    fields, places = read_columns(path, ["user_id", "movie_id", "rating"], True)
    ids = [whole_numbers(n, fields.pop(n), places) for n in ("user_id", "movie_id")]
    check_no_repeats(["user_id", "movie_id"], np.stack(ids, axis=1), places)
    truth = stars("rating", fields.pop("rating"), places)
    noise = fields.pop("noise", None)
    if noise is not None:
        noise = numbers("noise", noise, places, -9, 9, "take a fresh copy")
    baselines = {name: stars(name, texts, places) for name, texts in fields.items()}
    return Answers(*ids, truth, baselines, Path(path).name, noise)


def read_world(path):
    """Read a whole world from where its answers.csv lies, for grading lists.

    Parameters
    ----------
    path : str or Path
        answers.csv, with answers-lists.csv and the folder ``students`` beside it.

    Returns
    -------
    World

    Raises
    ------
    Refused
        If a file is missing, broken, or from another world.

    Examples
    --------
    >>> read_world("nowhere/answers.csv")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' has no folder students: lists are ...
    """
    folder = Path(path).parent
    if not (folder / STUDENTS).is_dir():
        raise Refused(
            f"{named(folder)} has no folder {STUDENTS}: lists are graded by the whole "
            "world; name the answers.csv that --new wrote, where it lies"
        )
    task = load(folder / STUDENTS)
    held, noise = [], []
    for name in (Path(path).name, "answers-lists.csv"):
        answers = read_answers(folder / name)
        codes = (
            codes_of(task.train.user_ids, answers.users),
            codes_of(task.train.item_ids, answers.movies),
        )
        if min(c.min() for c in codes) < 0:
            raise Refused(f"{name} is not of the world in {named(folder / STUDENTS)}")
        ids = task.train.user_ids, task.train.item_ids
        held.append(Ratings(*codes, answers.stars, None, *ids))
        noise.append(answers.noise)
    return World(task, *held, tuple(noise))
