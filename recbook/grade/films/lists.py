"""Grade top-10 lists by the films that people turned out to like."""

import functools
from pathlib import Path

import numpy as np

from recbook._core.topk import top_k
from recbook.baselines import Popularity
from recbook.grade.files import Refused, check_no_repeats, read_columns, whole_numbers
from recbook.grade.films.noise import noise_in_lists, remark
from recbook.grade.films.scores import Score, drawn_people, middle
from recbook.grade.films.tasks import codes_of
from recbook.linear import EASE
from recbook.metrics import ndcg

__all__ = ["grade_lists"]

K = 10  # length of a list
LIKED = 4  # stars


def grade_lists(path, world):
    r"""Grade a file of top-10 lists by nDCG@10 against held-out films of 4 stars up.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with the header user_id,rank,movie_id: ranks 1 to 10 for
        everybody, films of the catalogue that are neither in the person's training
        ratings nor among their pairs.
    world : World
        Task and answers.

    Returns
    -------
    Score

    Raises
    ------
    Refused
        Naming row, column, value and the way out.

    Examples
    --------
    >>> from recbook.grade import practice_world
    >>> grade_lists("nowhere.csv", practice_world("embedded"))
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere.csv' does not exist; check the name
    """
    ranked = read_lists(path, world)
    relevant = world.lists.subset(world.lists.values >= LIKED).csr
    score = _ranked(Path(path).name, ranked, relevant)
    for name, theirs in _baselines(world).items():
        score.baselines.append(_ranked(name, theirs, relevant))
    best = max(b.value for b in score.baselines)
    if score.value > 2 * best:
        score.remarks.append(
            "Too good: more than twice the best baseline. Ask how it was made."
        )
    if world.noise[1] is not None:
        score.remarks.extend(
            remark(noise_in_lists(ranked, world.lists, world.noise[1]))
        )
    score.remarks.append(score.gained())
    return score


def read_lists(path, world):
    """Read a file of lists as codes, (n_users, K)."""
    names, train = ["user_id", "rank", "movie_id"], world.task.train
    fields, places = read_columns(path, names)
    users, ranks, films = (whole_numbers(n, fields[n], places) for n in names)
    wrong = [
        (codes_of(train.user_ids, users) < 0, "user_id", users, "nobody of the data"),
        (codes_of(train.item_ids, films) < 0, "movie_id", films, "no film of the data"),
        ((ranks < 1) | (ranks > K), "rank", ranks, f"outside of 1 to {K}"),
    ]
    for mask, name, values, why in wrong:
        for t in np.flatnonzero(mask)[:1]:
            raise Refused(
                f"{places[t]}: {name} is {values[t]}, {why}; take ids from people.csv "
                f"and films.csv, ranks from 1 to {K}"
            )
    check_no_repeats(["user_id", "rank"], np.stack([users, ranks], axis=1), places)
    check_no_repeats(["user_id", "movie_id"], np.stack([users, films], axis=1), places)
    who, what = codes_of(train.user_ids, users), codes_of(train.item_ids, films)
    known = np.zeros((train.n_users, train.n_items), dtype=bool)
    known[_known(world)] = True
    for t in np.flatnonzero(known[who, what])[:1]:
        raise Refused(
            f"{places[t]}: movie_id {films[t]} is one that user_id {users[t]} has "
            "rated, in train.csv or pairs.csv; recommend what is new to them"
        )
    ranked = np.full((train.n_users, K), -1, dtype=np.int64)
    ranked[who, ranks - 1] = what
    for u, place in np.argwhere(ranked < 0)[:1]:
        raise Refused(
            f"rank {place + 1} of user_id {train.user_ids[u]} is missing "
            f"({(ranked < 0).sum()} such places); give everybody ranks 1 to {K}"
        )
    return ranked


@functools.lru_cache(maxsize=1)  # a class's files are graded by one world
def _baselines(world):
    """Lists of the two baselines, name → (n_users, K) codes."""
    lists, everybody = {}, np.arange(world.task.train.n_users)
    for name, model in {"popularity": Popularity(), "ease": EASE(reg=700.0)}.items():
        scores = model.fit(world.task.train).scores(everybody)
        scores[_known(world)] = -np.inf
        lists[name] = top_k(scores, K)
    return lists


def _known(world):
    """Films that a person is known to have rated: users and items, (n,) each."""
    train, pairs = world.task.train, world.pairs
    users = np.concatenate([train.users, pairs.users])
    return users, np.concatenate([train.items, pairs.items])


def _ranked(name, ranked, relevant):
    """Score lists of codes."""
    values = ndcg(ranked, relevant, K)
    graded = values[~np.isnan(values)]
    means = drawn_people(graded.size) @ graded / graded.size
    return Score(name, {f"nDCG@{K}": float(graded.mean())}, middle(means), values)
