"""The report on recommendations: which lists to send, and how that is known."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from recbook._core.validate import check_choice, check_k, check_positive_int
from recbook.base import recommendations
from recbook.baselines import Popularity
from recbook.evaluation import choose
from recbook.evaluation.choice import BASELINES, TO_BEAT
from recbook.evaluation.windows import KINDS, TooShortError
from recbook.orders import Orders
from recbook.report.base import Report
from recbook.report.recommending import pages
from recbook.report.recommending.contenders import contenders
from recbook.report.recommending.lists import make_lists, still_sold
from recbook.report.wording import roughly, span, whole

__all__ = ["DECISIONS", "REFUSALS", "recommend"]

REFUSALS = {
    "one_cut": "No model can be chosen: {n} date is one window, and two are needed, "
    "one that chooses and a later one that tests. Give an earlier date in cuts=, too.",
    "too_short": "No model can be chosen yet: {why}. Until then send the most popular "
    "products of the last weeks.",
}
# What to send, by kind and by what the last cut showed. "few" and "no_difference" are
# answers, too: the baseline costs nothing and is not beaten.
DECISIONS = {
    "discoveries": {
        "better": "Send the lists of {model}: of the products that 100 customers "
        "bought for the first time in the {days} days after the last cut they hold "
        "{hits}, where the {k} most popular hold {base}: {span}, over {n} customers.",
        "no_difference": "Send the most popular products: {model}, the best at earlier "
        "cuts, is not shown to hold more of what customers newly bought, {span} "
        "products for 100 of them, over {n} customers{need}.",
        "worse": "Send the most popular products: {model}, the best at earlier cuts, "
        "holds fewer of the products that 100 customers newly bought at the last: "
        "{span}, over {n} customers.",
        "baseline": "Send the most popular products: at the earlier cuts no model held "
        "more of what customers newly bought.",
        "few": "Send the most popular products: only {n} customers bought something "
        "new in the last window, too few to compare models{need}.",
    },
    "repurchases": {
        "better": "Remind customers by the lists of {model}: of the products that 100 "
        "customers bought again in the {days} days after the last cut they hold "
        "{hits}, where the {k} that each had bought most often hold {base}: {span}, "
        "over {n} customers.",
        "no_difference": "Remind customers of what they bought most often: {model}, "
        "the best at earlier cuts, is not shown to hold more of what they bought "
        "again, {span} products for 100 of them, over {n} customers{need}.",
        "worse": "Remind customers of what they bought most often: {model}, the best "
        "at earlier cuts, holds fewer of the products that 100 customers bought again "
        "at the last: {span}, over {n} customers.",
        "baseline": "Remind customers of what they bought most often: at the earlier "
        "cuts no model held more of what they bought again.",
        "few": "Remind customers of what they bought most often: only {n} customers "
        "bought something again in the last window, too few to compare models{need}.",
    },
}
FEWEST = 30  # customers whose mean difference is about normal
SMALLEST = 0.1  # of the baseline's hits: a smaller gain is hardly worth a model
POWER = 1.96 + 0.84  # standard errors: found four times in five


class Verdict(NamedTuple):
    """What the last cut showed for one kind; hits are those of 100 customers."""

    kind: str
    outcome: str
    model: str
    sent: str
    hits: float
    base: float
    value: float
    low: float
    high: float
    n: int
    need: int | None


def recommend(
    orders, k=10, names=None, candidates=None, cuts=4, kind="discoveries", pairs=None,
    seed=0, verbose=True,
) -> Report:  # fmt: skip
    """Choose among recommenders on one's own orders, and make the lists.

    Popularity, "bought before", ItemKNN, EASE, ImplicitALS and an ensemble are compared
    by :func:`recbook.evaluation.choose`: settings and model at earlier cuts, one test
    at the last. A model's lists are sent only if they beat the baseline there.
    Discoveries and repurchases are judged apart.

    Parameters
    ----------
    orders : Orders
        The whole log.
    k : int
        Length of the lists.
    names : mapping, optional
        Product id to name, a dict or a Series.
    candidates : list of ids or "all", optional
        What may be recommended. By default what was bought in the last 13 weeks, at
        each cut those before it.
    cuts : int or list of dates
        As for :func:`recbook.evaluation.choose`.
    kind : {"discoveries", "repurchases"}
        What the list holds, and the decision speaks of: products that a customer has
        not bought, or has.
    pairs : int, optional
        From how many products, those with most customers, ItemKNN and EASE learn: their
        work grows with the square or faster. By default 3,000 at most. With it,
        ImplicitALS has fewer settings and rounds, too.
    seed : int
        Seeds the paired tests.
    verbose : bool
        Whether to show a progress bar where it takes over three seconds.

    Returns
    -------
    Report
        Its ``list`` has user_id, rank, item_id, name, score and because, for all
        customers of the log.

    Raises
    ------
    ValueError
        For a candidate that is no product of the log, names of which none belongs to a
        product, cuts that are no dates or not within the log, or an unknown kind.

    Notes
    -----
    Hits are counted, since a letter shows its ten products at once: "they hold 31 of
    the products that 100 customers newly bought" is 100 k times the precision. Over
    3,000 products, or where memory is short, ItemKNN and EASE learn from the products
    that most customers bought: a table of all pairs takes 8 bytes times the square.

    In 200 drawn logs without any taste no model was sent. The 95 % interval of EASE
    with one setting held the mean difference in 95 % of 400 drawn logs; for a model
    that was chosen this was not measured (``data/results/choices.csv``).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> log = pd.DataFrame({"customer": rng.integers(60, size=900),
    ...                     "product": rng.integers(20, size=900),
    ...                     "day": pd.Timestamp("2026-01-01")
    ...                     + pd.to_timedelta(rng.integers(90, size=900), unit="D")})
    >>> orders = Orders.from_frame(log, customer="customer", item="product", time="day")
    >>> found = recommend(orders, k=3, verbose=False)
    >>> found.decision[:31]
    'Send the most popular products:'
    >>> list(found.list)
    ['user_id', 'rank', 'item_id', 'name', 'score', 'because']
    """
    check_arguments(orders, k, kind, pairs)
    rule = still_sold if candidates is None else candidates
    if isinstance(rule, str):
        check_choice("candidates", rule, ("all",))
        rule = None
    settings = {"k": k, "cuts": cuts, "kind": kind, "seed": seed,
                "candidates": candidates, "pairs": pairs}  # fmt: skip
    if n_cuts(cuts) == 1:
        return _refused(REFUSALS["one_cut"].format(n=1), orders, settings)
    train = orders.ratings()
    popular = Popularity().fit(train)  # names that fit no product are refused at once
    recommendations(popular, train, train.user_ids[:1], 1, names, reasons=False)
    models, n_learnt = contenders(train, pairs)
    try:
        choice = choose(
            models, orders, cuts, k, "precision", rule, seed=seed, verbose=verbose
        )
    except TooShortError as error:
        why = str(error).removeprefix("cuts: ")
        return _refused(REFUSALS["too_short"].format(why=why), orders, settings)
    verdicts = {one: _verdict(choice, one) for one in choice.chosen}
    if kind not in verdicts:
        why = f"at some cut fewer than two customers have {kind}"
        return _refused(REFUSALS["too_short"].format(why=why), orders, settings)
    stock = rule(orders) if callable(rule) else rule
    stock = orders.item_ids if stock is None else np.asarray(list(stock))
    sent = verdicts[kind].sent
    model = sent if sent in BASELINES else choice.model(kind)
    table = make_lists(model, orders, kind, k, stock, names)
    return _answered(choice, verdicts, kind, orders, n_learnt, table, settings)


def check_arguments(orders, k, kind, pairs):
    """Raise a ValueError if an argument can be of no use."""
    if not isinstance(orders, Orders):
        raise ValueError(
            f"orders must be a recbook.Orders, not {type(orders).__name__}; make one "
            "with Orders.from_frame(df, customer=..., time=..., item=...)"
        )
    check_k(k, len(orders.item_ids))
    check_choice("kind", kind, KINDS)
    if pairs is not None:
        check_positive_int("pairs", pairs, minimum=k + 1)


def n_cuts(cuts):
    """Return the number of cuts that was asked for, None where it is none.

    >>> n_cuts(4), n_cuts(["2026-01-01"]), n_cuts("2026-01-01")
    (4, 1, None)
    """
    if isinstance(cuts, str | bool | pd.Timestamp):
        return None
    return len(cuts) if hasattr(cuts, "__len__") else cuts


def _verdict(choice, kind):
    """Return what the last cut showed for one kind, in hits of 100 customers."""
    scale = 100 * choice.k
    rows = choice.table[
        (choice.table["kind"] == kind) & (choice.table["metric"] == "precision")
    ].set_index("model")
    name, baseline = choice.chosen[kind], TO_BEAT[kind]
    base, n = float(scale * rows["mean"][baseline]), int(rows["n"].iloc[0])
    test = choice.test(kind)
    if test is None:
        if n < FEWEST:
            return Verdict(
                kind, "few", name, baseline, base, base, 0.0, 0.0, 0.0, n, None
            )
        return Verdict(
            kind, "baseline", name, baseline, base, base, 0.0, 0.0, 0.0, n, None
        )
    value, low, high = (scale * test[end] for end in ("difference", "low", "high"))
    need = _need(low, high, base, n)
    if n < FEWEST:
        outcome = "few"
    elif low > 0:
        outcome = "better"
    else:
        outcome = "worse" if high < 0 else "no_difference"
    sent = name if outcome == "better" else baseline
    numbers = (scale * rows["mean"][name], base, value, low, high)
    return Verdict(kind, outcome, name, sent, *map(float, numbers), n, need)


def _need(low, high, base, n):
    r"""Return how many customers tell a tenth more hits from none, four times in five.

    With s the standard error over n customers and d a tenth of the baseline's hits,
    :math:`N = n\,(2.8\,s / d)^2`. None where the baseline has no hits.

    >>> _need(-2.0, 2.0, 20.0, 100)  # s = 4 / 3.92, d = 2: 100 (2.8 · 1.0204 / 2)²
    205
    """
    if base <= 0 or not math.isfinite(high - low):
        return None
    error = (high - low) / (2 * 1.96)
    return max(FEWEST, math.ceil(n * (POWER * error / (SMALLEST * base)) ** 2))


def decision_of(verdict, k, days):
    """Return the sentence of a verdict."""
    need = ""
    if verdict.need is not None and verdict.need > verdict.n:
        need = (
            f"; about {roughly(verdict.need)} such customers tell a tenth more from "
            "none four times in five"
        )
    elif verdict.need is not None and verdict.outcome != "few":
        need = ", though a tenth more is found four times in five"
    return DECISIONS[verdict.kind][verdict.outcome].format(
        model="the ensemble" if verdict.model == "ensemble" else verdict.model,
        days=days,
        k=k,
        hits=f"{verdict.hits:,.0f}",
        base=f"{verdict.base:,.0f}",
        span=span(verdict.value, verdict.low, verdict.high),
        n=whole(verdict.n),
        need=need,
    )


def _answered(choice, verdicts, kind, orders, n_learnt, table, settings):
    last = choice.cuts.iloc[-1]
    days = (last["end"] - last["cut"]).days
    decisions = {one: decision_of(v, choice.k, days) for one, v in verdicts.items()}
    checks = pages.checks(choice, verdicts, kind, orders, n_learnt)
    numbers = {
        "kind": kind,
        "sent": verdicts[kind].sent,
        "last_cut": str(last["cut"].date()),
        "days": days,
        **{one: _numbers(verdict) for one, verdict in verdicts.items()},
    }
    sections = pages.sections(choice, decisions, kind, orders, table, checks)
    return Report(
        "recommend", decisions[kind], False, checks, pages.models(choice), table,
        sections=sections, numbers=numbers, settings=settings,
    )  # fmt: skip


def _numbers(verdict):
    return {
        "chosen": verdict.model,
        "outcome": verdict.outcome,
        "customers": verdict.n,
        "hits_of_100": verdict.hits,
        "baseline_hits_of_100": verdict.base,
        "difference": {
            "value": verdict.value,
            "low": verdict.low,
            "high": verdict.high,
        },
        "customers_needed": verdict.need,
    }


def _refused(sentence, orders, settings):
    row = "time splits", "none", "stop", sentence
    checks = [*pages.receipt_check(orders), row]
    return Report(
        "recommend", sentence, True, pages.as_checks(checks), pages.NO_MODELS,
        sections=pages.refusal(sentence, orders), settings=settings,
    )  # fmt: skip
