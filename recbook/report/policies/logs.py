"""A reader's log of banners as codes, with the names that the codes stand for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from recbook.marketing.ope import BanditLog
from recbook.report import columns

__all__ = ["EVERYBODY", "NamedLog", "key_of", "read_log"]

EVERYBODY = "everybody"
FEWEST = 4
JOINED = " · "  # between the values of several context columns


@dataclass(frozen=True, eq=False)
class NamedLog:
    """A log with the reader's own names.

    Parameters
    ----------
    log : BanditLog
        Its contexts and actions are places in the two tables that follow.
    contexts : DataFrame
        One row for each context, with the reader's columns.
    banners : list
        The reader's labels.
    shown, reward : str
        Names of the banner's column, and of the reward for the reader.
    """

    log: BanditLog
    contexts: pd.DataFrame
    banners: list
    shown: str
    reward: str

    @cached_property
    def keys(self):
        """The name of each context, its values joined."""
        return [key_of(row) for row in self.contexts.itertuples(index=False)]

    @cached_property
    def groups(self):
        """The samples of each context, a list of arrays."""
        order = np.argsort(self.log.context, kind="stable")
        edges = np.searchsorted(self.log.context[order], range(1, len(self.contexts)))
        return np.split(order, edges)

    @cached_property
    def counts(self):
        """How often each banner was shown in each context, (n_contexts, n_banners)."""
        return self.cells(np.ones(len(self.log)))

    def cells(self, values):
        """Return the sums of values over the samples of each context and banner."""
        shape = len(self.contexts), len(self.banners)
        cell = self.log.context * shape[1] + self.log.action
        return np.bincount(cell, values, shape[0] * shape[1]).reshape(shape)

    def rows(self, chosen):
        """Return the same names with some of the samples."""
        part = self.log.rows(chosen)
        return NamedLog(part, self.contexts, self.banners, self.shown, self.reward)


def key_of(values):
    """Return the name of a context from its value or values; 1.0 is named 1.

    >>> key_of(("young", 1.0)), key_of("young")
    ('young · 1', 'young')
    """
    values = values if isinstance(values, tuple | list) else (values,)
    return JOINED.join(columns.word(value) for value in values)


def read_log(frame, shown, chance, reward, context):
    """Return the log of a reader's table.

    >>> table = {"banner": ["A", "B"] * 2, "p": [0.5] * 4, "click": [0, 1] * 2}
    >>> made = read_log(table, "banner", "p", "click", None)
    >>> made.banners, made.keys, made.log.action.tolist()
    (['A', 'B'], ['everybody'], [0, 1, 0, 1])
    """
    frame = columns.table("log", frame)
    if len(frame) < FEWEST:
        raise ValueError(
            f"log has {len(frame)} rows: to learn from some and judge on others it "
            f"needs at least {FEWEST}"
        )
    odds = _chances(frame, chance)
    outcome, name = columns.outcome(frame, "reward", reward)
    action, banners = _codes(columns.column(frame, "shown", shown))
    code, contexts = _contexts(frame, context)
    log = BanditLog(code, action, outcome, odds)
    return NamedLog(log, contexts, banners, str(shown), name)


def _chances(frame, chance):
    """Return the probability of what was shown, above 0 and at most 1."""
    odds = columns.numbers(frame, "chance", chance)
    wrong = (odds <= 0) | (odds > 1)
    if not wrong.any():
        return odds
    row = int(wrong.argmax())
    if (odds > 1).any() and odds.min() >= 0:
        row = int((odds > 1).argmax())
        way = "a probability is at most 1: give 0.25, not 25, for 25 %"
    else:
        way = (
            "what was shown had a probability above 0; the number belongs to another "
            "banner, position or day"
        )
    raise ValueError(
        f"chance: the column {chance!r} is {odds[row]:g} in row {row}, but {way}"
    )


def _codes(values):
    """Return codes and labels, sorted where labels can be."""
    try:
        code, labels = pd.factorize(values, sort=True)
    except TypeError:  # text and numbers in one column
        code, labels = pd.factorize(values.map(columns.word), sort=True)
    return code.astype(np.int64), list(labels)


def _contexts(frame, context):
    """Return the code of each row's context, and the table of contexts."""
    if context is None:
        table = pd.DataFrame({"context": [EVERYBODY]})
        return np.zeros(len(frame), np.int64), table
    names = [context] if isinstance(context, str) else list(context)
    if not names:
        raise ValueError("context is an empty list: name a column, or leave it out")
    parts, cell = {}, np.zeros(len(frame), np.int64)
    for name in names:
        values = columns.column(frame, "context", name, gaps=True)
        parts[name] = values.astype(object).where(values.notna(), "missing")
        code, labels = pd.factorize(parts[name])
        cell = np.unique(cell * len(labels) + code, return_inverse=True)[1]
    first = np.unique(cell, return_index=True)[1]
    table = pd.DataFrame(parts).iloc[first].reset_index(drop=True)
    keys = [key_of(row) for row in table.itertuples(index=False)]
    place = pd.factorize(np.array(keys, dtype=object), sort=True)[0]
    first = np.unique(place, return_index=True)[1]  # 1 and 1.0 have one name
    return place[cell].astype(np.int64), table.iloc[first].reset_index(drop=True)
