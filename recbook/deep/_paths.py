"""Reasons from facts: a film of the user's, what it shares, the film in question."""

from typing import NamedTuple

import numpy as np

__all__ = ["Path", "paths", "titles"]


class Path(NamedTuple):
    """A reason: the user has ``film``, which shares ``entity`` with ``target``.

    ``weight`` is what the fact adds to the target's score: by how much that would fall
    if the fact were struck out and the target's other facts spoke for it.

    >>> Path("Scream", "series", "Scream", "Scream 2", 0.5).entity
    'Scream'
    """

    film: object
    relation: str
    entity: str
    target: object
    weight: float


def paths(model, user, item):
    """Return all paths of :meth:`KnowledgeMF.explain`, the heaviest first."""
    films, facts = model._known_facts
    mine = facts[films == item]
    if not model._known[0][user] or not mine.size:
        return []
    said = (model.parts_[mine] @ model.P_[user]).astype(float)  # (n_facts of the item,)
    others = (said.sum() - said) / max(mine.size - 1, 1)
    found = []
    for fact, weight in zip(mine, said.mean() - others, strict=True):
        film = _witness(model, user, item, films[facts == fact])
        if weight > 0 and film is not None:
            names = model._titles[film], *model.facts_[fact], model._titles[item]
            found.append(Path(*names, float(weight)))
    return sorted(found, key=lambda path: -path.weight)


def _witness(model, user, item, sharing):
    """Return the user's best film among the sharing ones, another than the item."""
    indptr, indices, stars = model._rated
    row = slice(indptr[user], indptr[user + 1])
    ours = np.isin(indices[row], sharing) & (indices[row] != item)
    if not ours.any():
        return None
    mine, stars = indices[row][ours], stars[row][ours]
    order = np.lexsort((mine, -(model.Q_[mine] @ model.P_[user]), -stars))
    return mine[order[0]]


def titles(ids, movies):
    """Return the films' titles, or their ids where a film is not in ``movies``."""
    if movies is None:
        return ids
    title = dict(zip(movies["movie_id"].tolist(), movies["title"], strict=True))
    return [title.get(film, film) for film in ids]
