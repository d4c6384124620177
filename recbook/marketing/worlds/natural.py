"""A nudge, a roll-out and a threshold: what happened where nobody ran a trial."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook._core import draws
from recbook._core.validate import check_number, check_positive_int, generator

__all__ = ["NudgeTruth", "Nudges", "RolloutTruth", "Rollout", "Vouchers"]
__all__ += ["VoucherTruth", "nudges", "rollout", "vouchers"]

KINDS = ("always", "complier", "never", "defier")
BASE = np.array([6.0, 8.0, 6.0, 6.0])  # margin in 13 weeks without the app, euros
GAIN = np.array([3.0, 1.5, 1.0, 1.0])  # what the app adds
WAVES = (8, 12, 16)  # first weeks of a staggered roll-out


@dataclass(frozen=True)
class NudgeTruth:
    """What the shop cannot know.

    Parameters
    ----------
    kind : (n,) array of str
        "always" uses the app in any case, "complier" only with a nudge, "never" in no
        case, "defier" only without one.
    late : float
        Mean effect of the app on the compliers, euros.
    itt : float
        Mean effect of a nudge on everybody, euros.
    """

    kind: np.ndarray
    late: float
    itt: float


@dataclass(frozen=True)
class Nudges:
    """Customers, a random half of whom got a letter that names the shop's app.

    Parameters
    ----------
    nudged : (n,) bool array
        Who got the letter, at random.
    uses : (n,) bool array
        Who then used the app.
    margin : (n,) array
        What they brought in the 13 weeks after it, in euros.
    truth : NudgeTruth
        What only the generator knows.

    Examples
    --------
    >>> world = nudges(1000)
    >>> int(world.nudged.sum()), world.margin.shape
    (500, (1000,))
    """

    nudged: np.ndarray
    uses: np.ndarray
    margin: np.ndarray
    truth: NudgeTruth


@dataclass(frozen=True)
class RolloutTruth:
    """What the shop cannot know.

    Parameters
    ----------
    effect : float
        Mean effect over treated shops and weeks, thousand euros a week.
    without : (n_shops, n_weeks) array
        Sales that there would be without the counters.
    """

    effect: float
    without: np.ndarray


@dataclass(frozen=True)
class Rollout:
    """Weekly sales of shops, some of which got a pick-up counter.

    Parameters
    ----------
    sales : (n_shops, n_weeks) array
        Thousand euros a week.
    start : (n_shops,) array
        First week with a counter, counted from 0; inf where there is none.
    truth : RolloutTruth
        What only the generator knows.

    Examples
    --------
    >>> world = rollout()
    >>> world.sales.shape, int(world.treated.sum())
    ((40, 24), 12)
    """

    sales: np.ndarray
    start: np.ndarray
    truth: RolloutTruth

    @property
    def treated(self):
        """Which shops ever got a counter."""
        return np.isfinite(self.start)


@dataclass(frozen=True)
class VoucherTruth:
    """What the shop cannot know.

    Parameters
    ----------
    effect : float
        What a voucher adds to the margin of everybody who gets one, euros.
    keen : (n,) array
        How fond each person is of the shop, as a standard normal number.
    moved : (n,) bool array
        Who filled up their spending to get a voucher.
    """

    effect: float
    keen: np.ndarray
    moved: np.ndarray


@dataclass(frozen=True)
class Vouchers:
    """Customers, of whom those got a voucher who had spent enough.

    Parameters
    ----------
    table : DataFrame
        One row for each person: ``spent`` last season, euros; ``visits`` last season;
        ``voucher``; ``margin`` in the season after it, less returns, euros.
    threshold : float
        Euros of spending from which a voucher was sent.
    truth : VoucherTruth
        What only the generator knows.

    Examples
    --------
    >>> world = vouchers(1000)
    >>> bool((world.table["voucher"] == (world.table["spent"] >= 100)).all())
    True
    """

    table: pd.DataFrame
    threshold: float
    truth: VoucherTruth


def nudges(
    n=40_000, compliers=0.2, always=0.15, defiers=0.0, direct=0.0, pull=8.0, seed=0
):
    r"""Draw customers, a random half of whom got a letter that names the shop's app.

    Margins without app and letter are exponential, with means of 8 € for compliers,
    6 € + ``pull`` for those who use the app in any case, and 6 € for the others. The
    app adds 1.50 € for a complier, 3 € for one who always uses it, 1 € for others.

    Parameters
    ----------
    n : int
        Customers, at least 4; n // 2 of them get the letter.
    compliers, always, defiers : float
        Shares of people, in all at most 1. The rest never use the app.
    direct : float
        What the letter adds to everybody's margin without the app, euros: above 0, it
        is no instrument.
    pull : float
        How much more than 6 € those bring who use the app in any case, euros: how
        strong the hidden cause is.
    seed : int
        The same customers for the same seed, on every machine.

    Returns
    -------
    Nudges
        Letters, app, margin and truth.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> nudges(1000, compliers=0.5).truth.late
    1.5
    """
    n = check_positive_int("n", n, minimum=4)
    shares = []
    for name, share in (
        ("always", always),
        ("compliers", compliers),
        ("defiers", defiers),
    ):
        shares.append(check_number(name, share, 0, 1))
    if sum(shares) > 1 + 1e-12:
        raise ValueError(
            f"always, compliers and defiers are {sum(shares):.3g} together: they are "
            "shares of people, at most 1"
        )
    direct, pull = check_number("direct", direct), check_number("pull", pull, 0)
    rng = generator(seed)
    nudged = np.zeros(n, dtype=bool)
    nudged[np.argsort(rng.random(n), kind="stable")[: n // 2]] = True
    limits = np.cumsum([shares[0], shares[1], 1 - sum(shares)])
    kind = np.minimum(np.searchsorted(limits, rng.random(n), side="right"), 3)
    if not shares[2]:
        kind = np.minimum(kind, 2)
    base = BASE[kind] + pull * (kind == 0)
    before = draws.exponential(rng, 1 / base)
    uses = (kind == 0) | ((kind == 1) & nudged) | ((kind == 3) & ~nudged)
    margin = np.round(before + GAIN[kind] * uses + direct * nudged, 2)
    itt = shares[1] * GAIN[1] - shares[2] * GAIN[3] + direct
    truth = NudgeTruth(np.array(KINDS)[kind], float(GAIN[1]), float(itt))
    return Nudges(nudged, uses, margin, truth)


def rollout(
    n=40, n_weeks=24, start=16, n_treated=12, effect=1.0, drift=0.0, staggered=False,
    seed=0,
):  # fmt: skip
    r"""Draw weekly sales of shops, some of which get a pick-up counter.

    .. math:: y_{it} = a_i + b_t + e_{it} + \text{drift} \cdot t\, d_i + \tau_{it}

    Shops with a counter (:math:`d_i = 1`) are larger by 6 on average; levels have a
    deviation of 5. The weeks :math:`b_t` wander alike for all. The noise has a
    deviation of .8 and remembers .7 of the week before.

    Parameters
    ----------
    n : int
        Shops.
    n_weeks : int
        Weeks, at least 4, or more than 16 if staggered.
    start : int
        First week of the counters, counted from 0.
    n_treated : int
        Shops with a counter, with two others at least.
    effect : float
        What a counter adds, thousand euros a week.
    drift : float
        By how much more shops with a counter would have grown in any case, thousand
        euros a week, each week: other than 0, trends are not parallel.
    staggered : bool
        The counters come in three waves, from the weeks 8, 12 and 16 on, and add
        ``effect`` × k / 8 in their k-th week.
    seed : int
        The same shops for the same seed, on every machine.

    Returns
    -------
    Rollout
        Sales, starts and truth.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> rollout(staggered=True).start[:12].tolist()
    [8.0, 12.0, 16.0, 8.0, 12.0, 16.0, 8.0, 12.0, 16.0, 8.0, 12.0, 16.0]
    """
    n = check_positive_int("n", n, minimum=4)
    n_weeks = check_positive_int("n_weeks", n_weeks, minimum=WAVES[-1] + 1 if staggered
                                 else 4)  # fmt: skip
    start = check_positive_int("start", start)
    n_treated = check_positive_int("n_treated", n_treated)
    effect, drift = check_number("effect", effect), check_number("drift", drift)
    if start >= n_weeks:
        raise ValueError(f"start is {start}, but there are {n_weeks} weeks, from 0 on")
    if n_treated > n - 2:
        raise ValueError(
            f"n_treated is {n_treated}: leave at least two of {n} shops without"
        )
    rng = generator(seed)
    treated, week = np.arange(n) < n_treated, np.arange(n_weeks)
    starts = np.full(n, np.inf)
    starts[treated] = np.resize(WAVES, n_treated) if staggered else start
    level = 20.0 + 6.0 * treated + 5.0 * draws.normal(rng, n)
    common = np.cumsum(0.3 * draws.normal(rng, n_weeks)) + 0.1 * week
    noise = _remembered(draws.normal(rng, n * n_weeks).reshape(n, n_weeks))
    without = level[:, None] + common + noise + drift * np.outer(treated, week)
    since = week - starts[:, None]
    grown = np.maximum(since + 1, 0) / 8 if staggered else 1.0
    added = np.where(since >= 0, effect * grown, 0.0)
    truth = RolloutTruth(float(added[since >= 0].mean()), np.round(without, 3))
    return Rollout(np.round(without + added, 3), starts, truth)


def vouchers(n=20_000, threshold=100.0, effect=1.2, sorting=0.0, seed=0):
    r"""Draw customers, of whom those get a voucher who spent enough last season.

    Spending x is lognormal, with a median of 67 € and a deviation of .5. The margin of
    the next season, without a voucher, has the mean :math:`2 + 10\,x^2/(x^2 + 90^2) +
    1.5\,k` for a person as keen as k, and a deviation of 5. Visits rise with both.

    Parameters
    ----------
    n : int
        Customers, at least 50.
    threshold : float
        Euros of spending from which a voucher is sent, above 0.
    effect : float
        What a voucher adds to the margin, euros.
    sorting : float
        Share, of the keen half of people who would have missed the threshold by at most
        10 €, who buy something small to reach it.
    seed : int
        The same people for the same seed, on every machine.

    Returns
    -------
    Vouchers
        Table, threshold and truth.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Examples
    --------
    >>> world = vouchers(sorting=0.5)
    >>> bool(world.truth.moved.any()), bool(vouchers().truth.moved.any())
    (True, False)
    """
    n = check_positive_int("n", n, minimum=50)
    threshold = check_number("threshold", threshold, above=0)
    effect = check_number("effect", effect)
    sorting = check_number("sorting", sorting, 0, 1)
    rng = generator(seed)
    wanted = np.round(np.exp(4.2 + 0.5 * draws.normal(rng, n)), 2)
    keen = draws.normal(rng, n)
    visits = np.round(4 + 0.05 * wanted + 1.5 * keen + draws.normal(rng, n))
    noise = 5.0 * draws.normal(rng, n)
    chance, extra = rng.random(n), rng.random(n)
    close = (wanted >= threshold - 10) & (wanted < threshold)
    moved = close & (keen > 0) & (chance < sorting)
    spent = np.where(moved, np.round(threshold + 4 * extra, 2), wanted)
    voucher = spent >= threshold
    without = 2 + 10 * wanted**2 / (wanted**2 + 90**2) + 1.5 * keen + noise
    table = pd.DataFrame({
        "spent": spent,
        "visits": np.maximum(visits, 0.0),
        "voucher": voucher,
        "margin": np.round(without + effect * voucher, 2),
    })  # fmt: skip
    return Vouchers(table, threshold, VoucherTruth(effect, keen, moved))


def _remembered(shocks):
    """Return noise with a deviation of .8 that remembers .7 of the week before."""
    noise = 0.8 * shocks
    for week in range(1, shocks.shape[1]):
        noise[:, week] = 0.7 * noise[:, week - 1] + np.sqrt(1 - 0.7**2) * noise[:, week]
    return noise
