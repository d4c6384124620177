"""What an experiment says about one channel, in a form that a fit can use."""

from dataclasses import dataclass

from recbook._core.validate import check_number, check_positive_int

__all__ = ["LiftTest", "changed"]


@dataclass(frozen=True)
class LiftTest:
    """The effect of a change of one channel's spend, measured by an experiment.

    Parameters
    ----------
    channel : int
        Column of the spend that was changed.
    start, stop : int
        First week of the change, counted from 0, and the week after its last.
    change : float
        By which share spend differed: −1 switches the channel off, 1 doubles it.
    value : float
        By how many euros the sales of these weeks differed, if all the country had had
        the change; negative where a channel that works was switched off.
    standard_error : float
        Standard error of the value, in euros, above 0.

    Examples
    --------
    >>> test = LiftTest(2, 40, 46, -1.0, -25_000.0, 6000.0)
    >>> test.stop - test.start
    6
    """

    channel: int
    start: int
    stop: int
    change: float
    value: float
    standard_error: float


def changed(test, number, spend):
    """Check a test against the spend (n_weeks, C); return its channel's other spend.

    >>> import numpy as np
    >>> test = LiftTest(0, 1, 2, -1.0, -5.0, 1.0)
    >>> changed(test, 0, np.array([[4.0], [6.0], [8.0]])).tolist()
    [4.0, 0.0, 8.0]
    """
    name, (n_weeks, n_channels) = f"lift_tests[{number}]", spend.shape
    if not isinstance(test, LiftTest):
        raise ValueError(f"{name} is {test!r}: give a LiftTest")
    channel = check_positive_int(f"{name}.channel", test.channel, 0)
    start = check_positive_int(f"{name}.start", test.start, 0)
    stop = check_positive_int(f"{name}.stop", test.stop, 1)
    change = check_number(f"{name}.change", test.change, -1)
    check_number(f"{name}.value", test.value)
    check_number(f"{name}.standard_error", test.standard_error, above=0)
    if channel >= n_channels:
        raise ValueError(f"{name}.channel is {channel}, but columns are 0 to "
                         f"{n_channels - 1}")  # fmt: skip
    if not start < stop <= n_weeks:
        raise ValueError(
            f"{name} runs from week {start} to before week {stop}: it must start "
            f"before it stops, within {n_weeks} weeks, counted from 0"
        )
    if change == 0:
        raise ValueError(f"{name}.change is 0: nothing is learned from it that way")
    weeks = slice(start, stop)
    if not spend[weeks, channel].any():
        raise ValueError(
            f"{name} changes channel {channel} in weeks {start} to {stop - 1}, in "
            "which nothing was spent on it"
        )
    other = spend[:, channel].copy()
    other[weeks] *= 1 + change
    return other
