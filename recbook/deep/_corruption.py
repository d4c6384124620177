"""Triples that are not true, for TransE to tell from those that are."""

import numpy as np

__all__ = ["corrupted", "with_triples"]

TRIES = 20  # draws for a triple's corruption before it is given up


def with_triples(people, facts, n_items):
    """Return a ``draw`` of people and, beside each, some triples and their corruptions.

    Every triple is met once an epoch, a few of them twice, so that all people have
    equally many.

    Parameters
    ----------
    people : callable
        A ``draw`` for :func:`recbook.deep._training.descend`.
    facts : Facts
        At least one.
    n_items : int
        How many films there are.

    Returns
    -------
    callable
        What ``people`` draws, and two (n, m, 3) int32 arrays of codes.
    """
    codes = facts.relation[facts.facts], facts.entity[facts.facts]
    triples = np.column_stack([facts.films, *codes])

    def draw(rng):
        columns = people(rng)
        n = len(columns[0])
        m = -(-len(triples) // n)
        others = corrupted(rng, triples, n_items, len(facts.entities))
        order = np.resize(rng.permutation(len(triples)), (n, m))
        return *columns, triples[order], others[order]

    return draw


def corrupted(rng, triples, n_items, n_entities):
    """Return triples with another film or another entity, none of them true.

    For each, a coin says which of the two is drawn, uniformly; what turns out true is
    drawn again. A triple that stays true after some tries stays as it is: it then
    costs the margin, whatever the vectors are, and teaches nothing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the numbers come from.
    triples : (n, 3) int array
        Codes of film, relation and entity: all that is true.
    n_items, n_entities : int
        How many codes of films and of entities there are.

    Returns
    -------
    (n, 3) int array

    Examples
    --------
    Two films, two genres; what is not true is that they change places.

    >>> true = np.array([[0, 0, 0], [1, 0, 1]])
    >>> corrupted(np.random.default_rng(0), true, 2, 2).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """

    def keys(codes):
        relations = codes[:, 1].astype(np.int64)
        return (relations * n_items + codes[:, 0]) * n_entities + codes[:, 2]

    true, found = np.unique(keys(triples)), triples.copy()
    todo = np.arange(len(triples))
    for _ in range(TRIES):
        side = rng.integers(2, size=todo.size)
        drawn = rng.integers(np.where(side, n_entities, n_items))
        found[todo] = triples[todo]
        found[todo, 2 * side] = drawn
        todo = todo[np.isin(keys(found[todo]), true)]
        if not todo.size:
            return found
    found[todo] = triples[todo]
    return found
