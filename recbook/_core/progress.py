"""Progress bars of long work: on a terminal, or told to a listener, such as a page."""

import contextlib
import io
from contextvars import ContextVar

from tqdm import tqdm

__all__ = ["bar", "heard"]

_LISTENER = ContextVar("listener", default=None)
OFTEN = 0.2  # seconds between two calls of a listener


class _Told(tqdm):
    """A bar that is drawn nowhere: its listener hears how far it is."""

    monitor_interval = 0  # a page starts no thread

    def __init__(self, *args, listener, **how):
        self._listener = listener
        super().__init__(*args, **how)

    def display(self, *_, **__):
        """Tell the listener, where tqdm would draw."""
        if self.total:
            self._listener(min(self.n / self.total, 1.0), self.desc.removesuffix(": "))


def bar(iterable=None, desc=None, total=None, disable=None, **how):
    """Return a bar of tqdm that is seen where the work takes over three seconds.

    Parameters
    ----------
    iterable : iterable, optional
        What is walked through. Without it, ``total`` and the bar's ``update``.
    desc : str
        What is done.
    total : int, optional
        Number of steps.
    disable : bool, optional
        As for tqdm: None is seen on a terminal alone. Who listens hears it all the
        same.
    **how
        Handed on to tqdm.

    Examples
    --------
    >>> list(bar(range(2), "folds"))
    [0, 1]
    """
    listener = _LISTENER.get()
    how |= {"iterable": iterable, "desc": desc, "total": total, "leave": False}
    if listener is None:
        return tqdm(delay=3, disable=disable, **how)
    how |= {"file": io.StringIO(), "mininterval": OFTEN, "miniters": 1}
    return _Told(listener=listener, **how)


@contextlib.contextmanager
def heard(listener):
    """Let a function hear of every bar within: share (0 to 1), and what is done.

    >>> with heard(lambda share, words: print(share, words)):
    ...     done = list(bar(range(1), "folds"))
    0.0 folds
    1.0 folds
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
