"""Paths, checked and laid out flat: one row for each touch."""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook.marketing.base import check_rows, check_yes_no

__all__ = ["Touches", "check_paths"]


@dataclass(frozen=True)
class Touches:
    """All touches of all paths, one path after the other.

    Parameters
    ----------
    channels : list of str
        Names, sorted.
    codes : (n_touches,) int array
        Channel of each touch.
    lengths : (n_paths,) int array
        Touches of each path.
    converted : (n_paths,) bool array
        Which paths ended in an order.
    """

    channels: list
    codes: np.ndarray
    lengths: np.ndarray
    converted: np.ndarray

    @property
    def path(self):
        """Path of each touch (n_touches,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def after(self):
        """How many touches of the same path follow each touch (n_touches,)."""
        return np.repeat(np.cumsum(self.lengths), self.lengths) - 1 - self.place

    @property
    def place(self):
        """Number of each touch among all of them (n_touches,)."""
        return np.arange(len(self.codes))

    def credit(self, weight):
        """Return the sum of the weights (n_touches,) of touches that led to an order.

        Weights of a path sum to 1, so that all credits sum to the orders with a touch.
        """
        weight = weight * self.converted[self.path]
        total = np.bincount(self.codes, weight, len(self.channels))
        return pd.Series(total, self.channels, name="orders")


def check_paths(paths, converted):
    """Return paths and who ordered as `Touches`.

    Parameters
    ----------
    paths : sequence of sequences of str
        For each person, the channels in the order of time. May be empty.
    converted : (n_paths,) array_like
        True or 1 for those who ordered.

    Raises
    ------
    ValueError
        If there is no touch at all, a path is a single str, a channel is no str, or
        lengths differ.

    Examples
    --------
    >>> touches = check_paths([("search", "social"), ()], [True, False])
    >>> touches.channels, touches.codes.tolist(), touches.lengths.tolist()
    (['search', 'social'], [0, 1], [2, 0])
    """
    check_rows(paths=paths, converted=converted)
    try:
        paths = list(paths)
    except TypeError:
        raise ValueError(f"paths must be a list of paths, got {paths!r}") from None
    for row, path in enumerate(paths):
        if isinstance(path, str) or not hasattr(path, "__len__"):
            raise ValueError(
                f"paths[{row}] is {path!r}: give a list of channel names, which may be "
                "empty"
            )
    converted = check_yes_no("converted", converted, len(paths) or None)
    flat = list(itertools.chain.from_iterable(paths))
    if not flat:
        raise ValueError("paths has no touch at all: there is nobody to credit")
    if not all(issubclass(kind, str) for kind in set(map(type, flat))):
        _refuse_channel(paths)
    channels = sorted(set(flat))
    code_of = {channel: code for code, channel in enumerate(channels)}
    codes = np.fromiter(map(code_of.__getitem__, flat), np.int64, len(flat))
    lengths = np.fromiter(map(len, paths), np.intp, len(paths))  # as np.repeat takes it
    return Touches(channels, codes, lengths, converted)


def _refuse_channel(paths):
    for row, path in enumerate(paths):
        for place, channel in enumerate(path):
            if not isinstance(channel, str):
                raise ValueError(
                    f"paths[{row}][{place}] is {channel!r}: a channel is a name, a str"
                )
