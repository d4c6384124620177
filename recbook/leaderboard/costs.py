"""What a fitted model costs, and how a table of results comes to say so."""

import dataclasses

import numpy as np

__all__ = ["fitted_bytes", "with_costs", "without_costs"]

ROUNDING = 0.02  # relative: another order of sums may move a trained network so far


def fitted_bytes(model):
    """Return the bytes of the arrays that a fitted model holds.

    Every NumPy array counts that can be reached from the model's attributes, through
    lists, dicts, sparse matrices and models within. It counts once, however often it is
    held, and whole where only a part is held, since the whole stays in memory. Numbers,
    words and a network do not count. The network's weights do, which the model keeps as
    arrays. So this is a property of the fit alone: unlike the length of a pickle it
    does not depend on the pickle's protocol, and unlike the memory of the process not
    on what else has been run. An unfitted model has 0.

    >>> from recbook import baselines
    >>> model = baselines.Bias()
    >>> model.table_ = np.zeros((5, 2))
    >>> model.row_ = model.table_[0]
    >>> fitted_bytes(model)
    80
    """
    owners, seen, waiting = {}, set(), [model]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, np.ndarray):
            while isinstance(thing.base, np.ndarray):
                thing = thing.base
            owners[id(thing)] = thing.nbytes
        elif id(thing) not in seen:
            seen.add(id(thing))
            waiting += _parts(thing)
    return sum(owners.values())


def _parts(thing):
    """Return what an object holds: entries, or attributes without caches."""
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, (type, type(np))) or not hasattr(thing, "__dict__"):
        return []
    if dataclasses.is_dataclass(thing):  # a table's cache depends on who used it before
        return [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    return list((thing.__getstate__() or {}).values())  # networks leave theirs out


def without_costs(table):
    """Return the first fold of each recipe that has no costs on any of its folds."""
    first, costed = {}, set()
    for key, rows in table.items():
        if rows is not None:
            first.setdefault(key[:2], key)
            costed |= {key[:2]} if rows["cpu_seconds"].notna().all() else set()
    return [key for recipe, key in first.items() if recipe not in costed]


def with_costs(old, new):
    """Return the old rows with the costs of the new, or the new where values differ."""
    before, after = (rows.set_index("metric")["value"] for rows in (old, new))
    difference = (
        (after / before - 1).abs().max() if before.size == after.size else np.inf
    )
    if difference > 1e-9:
        print(f"\n{old['model'].iloc[0]} comes out {difference:.1%} from what it was")
    if difference > ROUNDING:
        return new
    costs = ["cpu_seconds", "bytes"]
    return old.assign(**{name: new[name].to_numpy() for name in costs})
