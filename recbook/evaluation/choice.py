"""A model chosen at earlier cuts of a log, and tested once at the last."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recbook import metrics
from recbook._core.progress import bar
from recbook._core.validate import check_choice, check_k
from recbook.evaluation.significance import paired_test
from recbook.evaluation.windows import (
    KINDS,
    TooShortError,
    cut_dates,
    lists,
    windows_of,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Choice", "baseline", "choose"]

BASELINES = ("popularity", "bought before")
METRICS = {
    "ndcg": metrics.ndcg,
    "recall": metrics.recall,
    "precision": metrics.precision,
    "hit_rate": metrics.hit_rate,
}
# Among items that a customer never bought, "bought before" is popularity.
COMPARED = {KINDS[0]: BASELINES[:1], KINDS[1]: BASELINES}
TO_BEAT = {kind: names[-1] for kind, names in COMPARED.items()}


@dataclass(frozen=True)
class Choice:
    """What :func:`~recbook.evaluation.choose` found.

    Attributes
    ----------
    table : DataFrame
        At the last cut, a row for each kind, model and metric: ``kind``, ``model``,
        ``settings`` (those chosen at earlier cuts), ``chosen`` (whether it is the model
        that was chosen at earlier cuts), ``metric``, its ``mean`` and
        ``standard_error`` over ``n`` customers.
    tests : DataFrame
        At the last cut, a row for each kind, model and baseline ``against``: the mean
        ``difference`` of the metric that chose, its 95 % interval ``low`` and ``high``
        and ``p``. ``confirmatory`` marks the one test of each kind that was decided on
        before the last window was opened. All others were not, and the best of them
        owes part of its lead to luck.
    earlier : DataFrame
        What chose: ``kind``, ``model``, ``settings``, ``cut``, ``mean`` and ``n``.
    cuts : DataFrame
        A row for each cut: ``cut``, ``end``, the ``customers`` who bought in the window
        and the ``new`` ones among them, who are not measured, and for each kind how
        many customers are.
    chosen : dict of str to str
        For each kind, the name of the model that was chosen at the earlier cuts.
    k : int
        Length of the lists.
    metric : str
        The metric that chose.

    Examples
    --------
    >>> import pandas as pd
    >>> empty = pd.DataFrame()
    >>> Choice(empty, empty, empty, empty, {"discoveries": "EASE"}, 10, "ndcg").metric
    'ndcg'
    """

    table: "pd.DataFrame"
    tests: "pd.DataFrame"
    earlier: "pd.DataFrame"
    cuts: "pd.DataFrame"
    chosen: dict
    k: int
    metric: str
    _makes: dict = field(default_factory=dict, repr=False)

    def test(self, kind="discoveries"):
        """Return the confirmatory test as a row of ``tests``.

        None where the kind's baseline was itself chosen: there is nothing to test.
        """
        check_choice("kind", kind, tuple(self.chosen))
        rows = self.tests[(self.tests["kind"] == kind) & self.tests["confirmatory"]]
        return None if rows.empty else rows.iloc[0]

    def better(self, kind="discoveries"):
        """Whether the chosen model beats the kind's baseline: its interval is above 0.

        The baseline is popularity for discoveries, "bought before" for repurchases.
        """
        test = self.test(kind)
        return test is not None and bool(test["low"] > 0)

    def model(self, kind="discoveries"):
        """Return a new, unfitted model of the chosen settings, None for a baseline."""
        check_choice("kind", kind, tuple(self.chosen))
        make = self._makes.get(kind)
        return None if make is None else make()


def choose(
    models, orders, cuts=4, k=10, metric="ndcg", candidates=None, n_resamples=1999,
    seed=0, verbose=False,
):  # fmt: skip
    """Choose a model over time: settings at earlier cuts, one test at the last.

    At each cut a model is fitted to what was bought before, and judged by what its
    customers buy until the next cut (at the last cut: until the end of the log). The
    earlier cuts choose the settings of each model, and the model. The last window is
    opened once, to compare that one model with a baseline, customer by customer.

    Two questions are kept apart. *Discoveries* are items that a customer had not bought
    before. The candidates are all others, and the baseline is popularity: the number of
    customers of an item. *Repurchases* are items that the customer had bought before.
    These are the candidates, and the baseline is "bought before": how often the
    customer bought an item, ties by popularity. Popularity takes part there, too.

    Parameters
    ----------
    models : dict of str to callable or list of callables
        Name and factory of each model, or a list with a factory for each setting.
        Anything with ``candidates()``, which returns such a list, is taken, too. A
        factory is called without arguments and returns a new model with ``fit`` and
        ``scores``. The baselines always take part.
    orders : Orders
        The whole log.
    cuts : int or list of dates
        n cuts divide the second half of the log's time into n windows of equal length,
        in whole days. Or the dates themselves, rising, two or more.
    k : int
        Length of the lists.
    metric : {"ndcg", "recall", "precision", "hit_rate"}
        What chooses, and is tested. The k-fold precision is the number of hits.
    candidates : list of ids or callable, optional
        Items that may be recommended. By default those sold before the cut. A list of
        ids restricts what counts as bought, too. A callable gets the orders before a
        cut and returns ids: what it leaves out, a list cannot find.
    n_resamples, seed : int
        As for :func:`~recbook.evaluation.paired_test`.
    verbose : bool
        Whether to show a progress bar where it takes over three seconds.

    Returns
    -------
    Choice
        Its ``tests`` hold the answer, ``better()`` says it in one word. A kind that
        has fewer than two customers at some cut is left out.

    Raises
    ------
    ValueError
        If models is empty or takes the name of a baseline, a factory is none, cuts are
        fewer than two or not within the log, candidates are unknown, or no kind has two
        customers at every cut.

    Notes
    -----
    Customers count if they bought before the cut, and something of the kind in the
    window. New customers are left out: all that is known of them is that they are new,
    so every model here sends them the most popular. An earlier window weighs as much as
    it has customers. The interval speaks of other customers of the same window, not of
    another season. For one model with one setting it held in 95 % of 400 drawn logs
    (``data/results/choices.csv``); for a model that was chosen that is not measured.

    References
    ----------
    Tashman (2000), Out-of-sample tests of forecasting accuracy, International Journal
    of Forecasting. Smucker, Allan and Carterette (2007), A comparison of statistical
    significance tests for information retrieval evaluation, CIKM.

    Examples
    --------
    Half of the customers buy tea and then jam, the others nails and then a hammer.

    >>> import pandas as pd
    >>> from recbook import EASE, Orders
    >>> pairs = [("tea", "jam"), ("nails", "hammer")]
    >>> log = pd.DataFrame(
    ...     [(c, item, pd.Timestamp("2026-01-01") + pd.Timedelta(days=day))
    ...      for c in range(60)
    ...      for item, day in zip(pairs[c % 2], [0, 2 + c // 2 % 18])],
    ...     columns=["customer", "item", "day"])
    >>> orders = Orders.from_frame(log, customer="customer", time="day", item="item")
    >>> settings = [lambda: EASE(reg=1.0), lambda: EASE(reg=1000.0)]
    >>> choice = choose({"EASE": settings}, orders, cuts=2, k=1)
    >>> choice.chosen, choice.better()
    ({'discoveries': 'EASE'}, True)
    """
    import pandas as pd

    factories = _factories(models)
    check_choice("metric", metric, tuple(METRICS))
    check_k(k, len(orders.item_ids))
    windows = windows_of(orders, cut_dates(orders, cuts), candidates)
    kinds = _kinds(windows)
    fits = (len(windows) - 1) * sum(map(len, factories.values()))
    with bar(desc="settings at earlier cuts", total=fits, disable=not verbose) as done:
        earlier = _earlier(factories, windows[:-1], kinds, k, metric, done.update)
    best = _best(earlier)
    last = _Last(factories, windows[-1], k)
    table, tests, chosen, makes = [], [], {}, {}
    for kind in kinds:
        settings = best[kind]
        name = max(settings, key=lambda one: settings[one][1])
        chosen[kind] = name
        makes[kind] = factories[name][settings[name][0]] if name in factories else None
        for row in _rows(kind, settings, last, name, metric, n_resamples, seed):
            (table if "metric" in row else tests).append(row)
    return Choice(
        pd.DataFrame(table), pd.DataFrame(tests), earlier.drop(columns="setting"),
        _cuts(windows), chosen, k, metric, makes,
    )  # fmt: skip


class _Last:
    """The values of each customer at the last cut; each model is fitted once."""

    def __init__(self, factories, window, k):
        self._factories, self._window, self._k = factories, window, k
        self._found = {}

    def of(self, name, setting, kind):
        """Return {metric: (n,) values} of a model with one of its settings."""
        if (name, setting) not in self._found:
            _, scorer = _fit(name, self._factories, setting, self._window)
            self._found[name, setting] = _values(scorer, self._window, self._k)
        return self._found[name, setting][kind]

    def text(self, name, setting):
        """Return the settings as they are written."""
        return repr(self._factories[name][setting]()) if name in self._factories else ""


def _rows(kind, settings, last, chosen, metric, n_resamples, seed):
    """Yield the rows of one kind: means of each model, then its tests."""
    for name, (setting, _) in settings.items():
        values = last.of(name, setting, kind)
        about = {
            "kind": kind,
            "model": name,
            "settings": last.text(name, setting),
            "chosen": name == chosen,
        }
        for measure, found in values.items():
            error = float(np.std(found, ddof=1) / np.sqrt(found.size))
            yield about | {
                "metric": measure,
                "mean": float(found.mean()),
                "standard_error": error,
                "n": found.size,
            }
        for against in COMPARED[kind]:
            if against == name or name == TO_BEAT[kind]:
                continue
            other = last.of(against, 0, kind)[metric]
            test = paired_test(values[metric], other, "permutation", n_resamples, seed)
            yield about | {
                "against": against,
                "difference": test.difference,
                "low": test.interval[0],
                "high": test.interval[1],
                "p": test.p,
                "n": other.size,
                "confirmatory": name == chosen and against == TO_BEAT[kind],
            }


def _earlier(factories, windows, kinds, k, metric, step):
    """Return the mean of each model, setting and kind at each earlier cut."""
    import pandas as pd

    rows = []
    for window in windows:
        tried = [(name, 0) for name in BASELINES]
        tried += [
            (name, s) for name, all_ in factories.items() for s in range(len(all_))
        ]
        for name, setting in tried:
            shown, scorer = _fit(name, factories, setting, window)
            values = _values(scorer, window, k)
            for kind in kinds:
                if name in BASELINES and name not in COMPARED[kind]:
                    continue
                found = values[kind][metric]
                rows.append(
                    (kind, name, shown, setting, window.cut, found.mean(), found.size)
                )
            if name in factories:
                step()
    names = ["kind", "model", "settings", "setting", "cut", "mean", "n"]
    return pd.DataFrame(rows, columns=names)


def _best(earlier):
    """Return {kind: {model: (best setting, its mean over customers and windows)}}."""
    sums = earlier.assign(total=earlier["mean"] * earlier["n"])
    found = sums.groupby(["kind", "model", "setting"], sort=False)[["total", "n"]].sum()
    best = {}
    for (kind, name, setting), mean in (found["total"] / found["n"]).items():
        of_kind = best.setdefault(kind, {})
        if name not in of_kind or mean > of_kind[name][1]:  # a tie: the first
            of_kind[name] = setting, float(mean)
    return best


def _fit(name, factories, setting, window):
    """Return a model's settings as text, and what scores, fitted before the cut."""
    if name in BASELINES:
        return "", baseline(name, window.train)
    model = factories[name][setting]()
    text = repr(model)
    return text, model.fit(window.train).scores


def baseline(name, train):
    """Return what scores by popularity, or by a customer's own counts before it.

    >>> from recbook import Ratings
    >>> train = Ratings([0, 1], [1, 1], [2.0, 1.0], None, ["a", "b"], ["tea", "jam"])
    >>> baseline("popularity", train)([0]).tolist()
    [[0.0, 2.0]]
    """
    popularity = np.bincount(train.items, minlength=train.n_items).astype(np.float64)
    if name == "popularity":
        return lambda users: np.tile(popularity, (len(users), 1))
    below_one = popularity / (popularity.max() + 1)
    return lambda users: train.csr[users].toarray() + below_one


def _values(scorer, window, k):
    """Return {kind: {metric: (n,) values of its customers}}."""
    found = lists(scorer, window, k)
    return {
        kind: {
            name: measure(found[kind], window.relevant[kind], k)
            for name, measure in METRICS.items()
        }
        for kind in KINDS
        if window.users[kind].size
    }


def _cuts(windows):
    import pandas as pd

    counts = {
        "cut": [window.cut for window in windows],
        "end": [window.end for window in windows],
        "customers": [window.n_customers for window in windows],
        "new": [window.n_new for window in windows],
    }
    for kind in KINDS:
        counts[kind] = [window.users[kind].size for window in windows]
    return pd.DataFrame(counts)


def _kinds(windows):
    """Return the kinds with two customers at every cut; raise if there is none."""
    kinds = [k for k in KINDS if min(window.users[k].size for window in windows) > 1]
    if not kinds:
        few = min(windows, key=lambda window: window.users[KINDS[0]].size)
        raise TooShortError(
            f"cuts: in the window from {few.cut.date()} fewer than two customers "
            "bought again who had bought before; take fewer cuts, or a longer log"
        )
    return kinds


def _factories(models):
    """Return {name: list of factories}, checked."""
    if not isinstance(models, dict) or not models:
        raise ValueError("models must be {name: factory} with at least one model")
    found = {}
    for name, given in models.items():
        if name in BASELINES:
            raise ValueError(
                f"models has {name!r}, which takes part anyway: leave it out"
            )
        if hasattr(given, "candidates"):
            given = given.candidates()
        makes = [given] if callable(given) else given
        if (
            not isinstance(makes, list | tuple)
            or not makes
            or not all(map(callable, makes))
        ):
            raise ValueError(
                f"models[{name!r}] is {given!r}; give a factory without arguments such "
                "as lambda: EASE(reg=500), or a list of them"
            )
        found[name] = list(makes)
    return found
