"""A log of events as arrays: user, behaviour, item, time and context.

Events are sorted by user and then by time. Events of one second keep the order of the
log. A *visit* is what one user does without a pause of more than ``gap`` seconds.
"""

import numpy as np

from recbook._core.dates import check_no_dates
from recbook._core.frames import framed
from recbook._core.validate import check_codes
from recbook.deep.histories import windows

__all__ = [
    "EDGES",
    "ContextCodes",
    "age_codes",
    "asked_for",
    "before",
    "before_visits",
    "look_back",
    "parts",
    "read_log",
    "read_stars",
    "told",
]

ITEMS = ("item_id", "movie_id", "product_id")
NEEDED = ("user_id", "behaviour", "timestamp")
MOST = 1000  # values of a context field: a column with more is a measurement or an id
LEVELS = 10  # most different stars that are behaviours; more are cut into 5 bands
# Ages in seconds at which one code ends and the next begins: an hour, then √2 times
# as long each time, up to about 16 months.
EDGES = 3600 * 2 ** (np.arange(28) / 2)


def age_codes(seconds):
    """Return the code of each age, from 1 (less than an hour) to 29 (long ago).

    >>> age_codes(np.array([10, 3600, 30 * 86_400])).tolist()
    [1, 2, 20]
    """
    return np.searchsorted(EDGES, seconds, side="right").astype(np.int32) + 1


class ContextCodes:
    """Context columns as codes from 1. Code 0 is a value that training has not seen.

    ``values`` maps each field to a dict of value to code. All codes are different, so
    one table of embeddings serves all fields.
    """

    def __init__(self, values):
        self.values = values

    @classmethod
    def of(cls, frame):
        """Number the values of every column of ``frame``."""
        values, size = {}, 1
        for name in frame.columns:
            kinds = sorted(set(_plain(name, frame[name])), key=lambda v: (str(v), v))
            if len(kinds) > MOST:
                raise ValueError(
                    f"log[{name!r}] has {len(kinds)} different values, and a context "
                    f"has {MOST} at most; cut it into bands (an hour of the day in "
                    "place of a timestamp), or drop the column"
                )
            values[name] = {v: size + c for c, v in enumerate(kinds)}
            size += len(kinds)
        return cls(values)

    @property
    def size(self):
        """Number of codes, including the 0."""
        return 1 + sum(map(len, self.values.values()))

    def codes(self, frame, n):
        """Return (n, n_fields) int32 codes, with 0 for a field that ``frame`` lacks.

        ``frame`` is None or a table whose columns have n values, or one value for all.
        """
        table, frame = (
            np.zeros((n, len(self.values)), dtype=np.int32),
            {} if frame is None else frame,
        )
        strange = next((name for name in frame if name not in self.values), None)
        if strange is not None:
            raise ValueError(
                f"context has {strange!r}, but training had {list(self.values)}"
            )
        for f, (name, codes) in enumerate(self.values.items()):
            if name not in frame:
                continue
            column = frame[name] if np.ndim(frame[name]) else [frame[name]] * n
            if len(column) != n:
                raise ValueError(
                    f"context[{name!r}] has {len(column)} values; give {n}, one a user"
                )
            table[:, f] = [codes.get(value, 0) for value in _plain(name, column)]
        return table


def _plain(name, column):
    """Return a column as a list of strings, numbers or booleans."""
    values = np.asarray(column)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ValueError(f"context {name!r} holds NaN; name the gap, or drop the rows")
    return values.tolist() if values.dtype.kind in "biuf" else list(map(str, values))


def told(train):
    """Return stars as behaviours: a code for each rating, and what the codes mean.

    >>> from recbook.datasets import load_toy
    >>> codes, names = told(load_toy())
    >>> codes[:4].tolist(), names
    ([3, 3, 2, 0], [1.0, 2.0, 4.0, 5.0])
    """
    names, codes = np.unique(train.values, return_inverse=True)
    if names.size > LEVELS:  # 5 bands of equal width, each named by its upper end
        edges = np.linspace(names[0], names[-1], 6)[1:]
        edges[-1] = names[-1]
        codes = np.searchsorted(edges, train.values)
        names, codes = np.unique(edges[codes], return_inverse=True)
    return codes, names.tolist()


def read_stars(train):
    """Return ratings as a log, the names of its behaviours, and no context fields."""
    if train.timestamps is None:
        raise ValueError(
            "train.timestamps is None, and this model learns from what came before; "
            "give Ratings with timestamps"
        )
    codes, names = told(train)
    nothing = np.zeros((train.n_ratings, 0), dtype=np.int32)
    columns = train.users, train.items, codes, train.timestamps, nothing
    return _ordered(*columns, train.n_users, gap=0), names, ContextCodes({})


def read_log(ids, log, gap, names=None, fields=None):
    """Return a DataFrame of events as arrays, its behaviours and its context fields.

    Parameters
    ----------
    ids : (n_users,) and (n_items,) arrays
        The ids that the codes of users and items stand for.
    log : pandas.DataFrame
        Columns user_id, one of ``ITEMS``, behaviour, timestamp (whole seconds), and any
        others, which are context fields.
    gap : int
        Seconds without an event that end a visit.
    names, fields : list, ContextCodes, optional
        Behaviours and fields of an earlier log, if this one must use the same codes.

    Returns
    -------
    events : dict of arrays
        ``items``, ``behaviours`` and ``times``, (n,). ``contexts``, (n, n_fields).
        ``begins``, (n,): the first event of each event's visit. ``bounds``,
        (n_users + 1,): user u's events are ``bounds[u]`` to ``bounds[u + 1]``.
    names : list
        The behaviours that the codes stand for.
    fields : ContextCodes
        The codes of the context fields.
    """
    log = framed("log", log)
    item = next((name for name in ITEMS if name in getattr(log, "columns", ())), None)
    missing = [name for name in NEEDED if name not in getattr(log, "columns", ())]
    if item is None or missing:
        wanted = f"{', '.join(NEEDED)} and one of {', '.join(ITEMS)}"
        raise ValueError(f"log must be a DataFrame with the columns {wanted}")
    if not np.issubdtype(np.asarray(log["timestamp"]).dtype, np.integer):
        raise ValueError("log['timestamp'] must be whole seconds (integers)")
    check_no_dates("column 'timestamp'", log["timestamp"], "give seconds since 1970")
    users = _codes("user_id", log["user_id"], ids[0])
    items = _codes(item, log[item], ids[1])
    done = _plain("behaviour", log["behaviour"])
    names = sorted(set(done)) if names is None else names
    place = {name: code for code, name in enumerate(names)}
    strange = next((name for name in done if name not in place), None)
    if strange is not None:
        raise ValueError(f"log['behaviour'] is {strange!r}, but training had {names}")
    codes = np.array([place[name] for name in done], dtype=np.int32)
    others = log.drop(columns=[*NEEDED, item])
    fields = ContextCodes.of(others) if fields is None else fields
    columns = users, items, codes, np.asarray(log["timestamp"], dtype=np.int64)
    contexts = fields.codes(others, len(log))
    return _ordered(*columns, contexts, len(ids[0]), gap), names, fields


def _codes(name, column, ids):
    """Return the codes of ids, or raise a ValueError that names an unknown id."""
    place = {value: code for code, value in enumerate(ids.tolist())}
    codes = [place.get(value, -1) for value in np.asarray(column).tolist()]
    if codes and min(codes) < 0:
        row = codes.index(-1)
        raise ValueError(
            f"log[{name!r}] is {column.iloc[row]!r} in row {row}, which train does not "
            "know; leave such events out, or give train the id"
        )
    return check_codes(name, codes, max(len(ids), 1))


def _ordered(users, items, behaviours, times, contexts, n_users, gap):
    order = np.lexsort((times, users))  # stable: events of one second keep their order
    users, times = users[order], times[order]
    first = np.ones(users.size, dtype=bool)
    first[1:] = (users[1:] != users[:-1]) | (np.diff(times) > gap)
    starts = np.flatnonzero(first)
    counts = np.bincount(users, minlength=n_users)
    return {
        "items": items[order].astype(np.int32),
        "behaviours": behaviours[order].astype(np.int32),
        "times": times.astype(np.int64),
        "contexts": contexts[order],
        "begins": starts[np.cumsum(first) - 1] if users.size else starts,
        "bounds": np.append(0, np.cumsum(counts)),
    }


def before(events, users, times):
    """Return where each user's events before a given time end, (n,) int.

    An event at the time itself does not count as before.
    """
    bounds, clock = events["bounds"], events["times"]
    ends = [
        bounds[u] + np.searchsorted(clock[bounds[u] : bounds[u + 1]], t, side="left")
        for u, t in zip(users, times, strict=True)
    ]
    return np.array(ends, dtype=np.int64)


def asked_for(target, names):
    """Return the code of the behaviour to predict."""
    if target is None:
        if "purchase" in names:
            return names.index("purchase")
        if all(isinstance(name, int | float) for name in names):
            return len(names) - 1
        raise ValueError(
            f"target=None, but no behaviour is 'purchase'; name one: {names}"
        )
    if isinstance(target, list | dict) or target not in names:
        raise ValueError(f"target must be one of {names}, got {target!r}")
    return names.index(target)


def look_back(events, users, ends, times, n_steps):
    """Return items, behaviours and ages of each user's events up to ``ends``.

    Each is (n, n_steps), with 0 for padding on the left.
    """
    every = np.arange(events["items"].size)
    places = windows(every, events["bounds"][users], ends, n_steps)  # 0, or place + 1
    real, at = places > 0, np.maximum(places - 1, 0)
    if not every.size:
        return [places, places, places]
    ages = age_codes(times[:, None] - events["times"][at])
    columns = events["items"][at] + 1, events["behaviours"][at], ages
    return [column * real for column in columns]


def before_visits(events, chosen, n_steps):
    """Return inputs that predict the ``chosen`` events from before their visits."""
    users = np.searchsorted(events["bounds"], chosen, side="right") - 1
    begins = events["begins"][chosen]
    inputs = look_back(events, users, begins, events["times"][begins], n_steps)
    now = events["contexts"][begins]
    person = (users + 1).astype(np.int32)
    return [*inputs, now, person, events["behaviours"][chosen]]


def parts(events, goals, share):
    """Return the events to learn from, and the target's events to stop on or None.

    Those to stop on are the latest, since real predictions are about later events.
    """
    clock = np.sort(events["times"][goals])
    n = round(share * goals.size)
    learn = np.arange(events["times"].size)
    if n == 0 or clock[-n] == clock[0]:
        return learn, None
    late = events["times"] >= clock[-n]
    return learn[~late], goals[late[goals]]
