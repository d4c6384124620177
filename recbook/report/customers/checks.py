"""What is looked at before a forecast is believed, and the sentences of the refusals.

A check is a row: what was checked, what was found, a verdict ("ok", "note" or "stop")
and what it means.
"""

import numpy as np
import pandas as pd

from recbook.report.customers.forecast import interval
from recbook.report.customers.heldout import cut_of
from recbook.report.wording import chance

REFUSALS = {
    "short": "The log spans {span:.0f} weeks, and to predict {weeks} weeks and check "
    "the forecast on as many held-out weeks takes {needed}: ask for {possible} weeks "
    "or fewer, or wait.",
    "few": "Customers who ordered before the held-out weeks: {n:,}, and {again:,} of "
    "them had ordered twice. The model needs {customers} and {repeat}, so no value is "
    "predicted: take a longer log, or hold out fewer weeks.",
    "contract": "Orders come at fixed intervals: the gaps of a typical customer vary "
    "by {cv:.0f} % of their mean, at random it would be about 80 %. This is a "
    "subscription, where it is seen who leaves: count renewals and fit a survival "
    "curve (Kaplan–Meier, or the shifted beta-geometric model of Fader and Hardie, "
    "2007).",
    "limit": "BG/NBD's {names} ended at the limit of the search: these customers are "
    "too few, or too alike, to tell those who have left from those who are silent. For "
    "a total, repeat the {weeks} weeks before, which on the held-out weeks was off by "
    "{off}.",
    "off": "On the last {weeks} weeks, held out, the forecast was {predicted:,.0f} "
    "orders ({low:,.0f} to {high:,.0f}), and {counted:,.0f} were counted: it is off by "
    "{off}. Do not use its totals, nor rescale them where the reason may be a "
    "season; the list ranks the customers, and gives no amounts.",
}
CUSTOMERS, REPEAT = 200, 100  # at the cut
YEAR = 52  # weeks
REGULAR, STEADY = 0.3, 0.55  # of gaps: a contract, and more regular than at random
GAPS = 3  # of a customer whose rhythm is looked at
FIXED, SOME = 0.2, 0.1  # of gaps, and the share of customers who have such
LIKE = 30  # customers with so many gaps, or nothing can be seen
TOLERANCE = 0.10  # off by more, and beyond an interval of 99 %: no totals
SURE = 2.576 / 1.96  # reach of that interval, in reaches of the 95 % interval
RELATED = 0.2  # correlation of number and amount of orders
SEASON = 0.01  # p of the held-out weeks' course
SHAKY = 0.05  # share of draws with a parameter at its limit
WIDE = 0.25  # half an interval, as a share of the total


def row(check, found, verdict, meaning):
    """Return one row of the checks."""
    return {"check": check, "found": found, "verdict": verdict, "meaning": meaning}


def signed(share):
    """Return a share as percent with its sign.

    >>> signed(-0.184)
    '−18 %'
    """
    return f"{100 * share:+.0f} %".replace("-", "−")


def of_the_log(days, weeks):
    """Return rows on the log alone: its length, its customers, their rhythm."""
    if not len(days):
        return [customers(days, weeks)]
    return [length(days, weeks), customers(days, weeks), rhythm(days)]


def length(days, weeks):
    """Check that a forecast can be compared with as many held-out weeks."""
    span = ((days["day"].max() - days["day"].min()).days + 1) / 7
    check, found = "length of the log", f"{span:.0f} weeks"
    if span < 2 * weeks:
        possible = max(int(span // 2), 1)
        words = REFUSALS["short"].format(
            span=span, weeks=weeks, needed=2 * weeks, possible=possible
        )
        return row(check, found, "stop", words)
    if span < YEAR:
        meaning = (
            "Less than a year: no season can be seen, and none is in the forecast."
        )
        return row(check, found, "note", meaning)
    meaning = "Long enough to predict, and to check the forecast on held-out weeks."
    return row(check, found, "ok", meaning)


def customers(days, weeks):
    """Check that enough customers had a second order before the cut."""
    number = days[days["day"] <= cut_of(days, weeks)].groupby("customer").size()
    n, again = len(number), int((number > 1).sum())
    check = "customers before the held-out weeks"
    found = f"{n:,}, with a second order {again:,}"
    if n < CUSTOMERS or again < REPEAT:
        least = {"customers": CUSTOMERS, "repeat": REPEAT}
        words = REFUSALS["few"].format(n=n, again=again, **least)
        return row(check, found, "stop", words)
    if again < 0.1 * n:
        meaning = (
            "Fewer than one in ten ordered again: the forecast is about second orders, "
            "and rests on few customers."
        )
        return row(check, found, "note", meaning)
    return row(check, found, "ok", "Enough to tell customers apart.")


def rhythm(days):
    """Check that orders come at random, and not by contract.

    The coefficient of variation of a customer's gaps, and its median over customers
    with at least three gaps. Exponential gaps have 1; of only three it is about .8.
    """
    gaps = days.groupby("customer")["day"].diff().dt.days
    each = gaps.groupby(days["customer"]).agg(["count", "mean", "std"])
    each = each[each["count"] >= GAPS]
    check = "rhythm of orders"
    if len(each) < LIKE:
        meaning = "Too few have four orders: whether these are contracts stays open."
        return row(check, f"{len(each)} customers", "note", meaning)
    cv = float((each["std"] / each["mean"]).median())
    found = f"gaps vary by {100 * cv:.0f} % of their mean"
    if cv < REGULAR:
        return row(check, found, "stop", REFUSALS["contract"].format(cv=100 * cv))
    if cv < STEADY:
        meaning = (
            "More regular than the model's random orders: a silence says more than it "
            "takes from it, and P(alive) falls too slowly. Pareto/GGG (Platzer and "
            "Reutterer, 2016) knows a rhythm."
        )
        return row(check, found, "note", meaning)
    long = each[each["count"] > GAPS]
    fixed = float((long["std"] < FIXED * long["mean"]).mean()) if len(long) else 0.0
    if fixed > SOME:
        meaning = (
            f"Of those with five orders, {100 * fixed:.0f} % order at fixed intervals; "
            "at random it would be 1 %. If these are subscriptions, leave them out."
        )
        return row(check, found, "note", meaning)
    return row(check, found, "ok", "As of orders that come at random.")


def of_the_models(held, future, weeks):
    """Return rows on both fits, and on the held-out weeks."""
    rows = [limits(held, future, weeks), amounts(future)]
    if future.spending is not None:
        rows.append(related(future))
    rows.append(held_out_orders(held, weeks))
    rows.append(course(held))
    if held.forecast.value is not None:
        rows.append(held_out_amounts(held))
    return [*rows, thumb(held), width(future)]


def limits(held, future, weeks):
    """Check that BG/NBD's parameters ended inside of their range."""
    names = dict.fromkeys([*held.forecast.model.at_limit_, *future.model.at_limit_])
    check = "parameters"
    if names:
        rules = held.compared().set_index("rule")
        off = signed(rules.loc["as before", "off %"] / 100)
        words = REFUSALS["limit"].format(
            names=" and ".join(names), weeks=weeks, off=off
        )
        return row(check, f"{', '.join(names)} at the limit", "stop", words)
    share = max(one.draws["limit"].mean() for one in (held.forecast, future))
    if share > SHAKY:
        found = f"at a limit in {100 * share:.0f} % of the resampled logs"
        return row(check, found, "note", "The intervals are rough.")
    return row(check, "none at a limit", "ok", "The log determines them.")


def amounts(future):
    """Check that amounts are known, and have a mean."""
    spend = future.people.spend
    if spend is None:
        meaning = "The log has no amounts: orders are predicted, and no euros."
        return row("amounts", "none", "note", meaning)
    missing = int((spend <= 0).sum())
    found = f"{missing:,} customers without one"
    if future.spending is None:
        meaning = "Too few, or so uneven that they have no mean: orders only."
        return row("amounts", found, "note", meaning)
    if future.spending.at_limit_:
        meaning = "All orders are of nearly one amount, or all customers alike."
        return row("amounts", found, "note", meaning)
    if missing:
        return row("amounts", found, "note", "They get the mean of all customers.")
    return row("amounts", found, "ok", "Known for every customer.")


def related(future):
    """Check gamma–gamma's assumption: amounts unrelated to the number of orders."""
    x, z = future.people.history[0], future.people.spend
    some = (x > 0) & (z > 0)
    check = "amount and number of orders"
    if some.sum() < LIKE or np.ptp(x[some]) == 0 or np.ptp(z[some]) == 0:
        return row(check, "no variation", "note", "Their relation cannot be seen.")
    r = float(np.corrcoef(np.log(x[some]), np.log(z[some]))[0, 1])
    found = f"correlation of logarithms {r:+.2f}".replace("-", "−")
    if abs(r) > RELATED:
        side = "too low" if r > 0 else "too high"
        meaning = (
            "The gamma–gamma model takes them as unrelated: the amounts of those who "
            f"order often may be {side}. Look at the held-out amounts."
        )
        return row(check, found, "note", meaning)
    return row(check, found, "ok", "Unrelated enough for the gamma–gamma model.")


def held_out_orders(held, weeks):
    """Check the forecast of orders on the held-out weeks."""
    low, high = held.interval
    facts = {
        "predicted": held.forecast.orders.sum(), "low": low, "high": high,
        "counted": held.counted.sum(), "off": signed(held.error), "weeks": weeks,
    }  # fmt: skip
    found = "{predicted:,.0f} ({low:,.0f} to {high:,.0f}), counted {counted:,.0f}"
    check, found = "held-out orders", found.format(**facts)
    if not held.missed:
        return row(check, found, "ok", "The interval contains the count.")
    miss = facts["counted"] - facts["predicted"]
    reach = high - facts["predicted"] if miss > 0 else low - facts["predicted"]
    if abs(held.error) > TOLERANCE and abs(miss) > SURE * abs(reach):
        return row(check, found, "stop", REFUSALS["off"].format(**facts))
    meaning = (
        f"Off by {signed(held.error)}, outside of the interval: a season, a change in "
        "the shop, or the one in twenty that chance misses. Allow for as much more."
    )
    return row(check, found, "note", meaning)


def course(held):
    """Check the course of the held-out weeks: a season may even out in their total."""
    check, found = "course of the held-out weeks", chance(held.wave)
    if held.wave < SEASON:
        meaning = (
            "Orders rise and fall as the model does not expect: a season, or actions. "
            "Other weeks of the year may bring more or fewer than predicted."
        )
        return row(check, found, "note", meaning)
    return row(check, found, "ok", "Orders come over the weeks as expected.")


def missed_amounts(held):
    """Return by how much the held-out amounts were off, or None within the interval."""
    if held.forecast.value is None:
        return None
    low, high = interval(held.forecast.draws["value"])
    if low <= held.amount <= high:
        return None
    return held.forecast.value.sum() / max(held.amount, 1e-9) - 1


def held_out_amounts(held):
    """Check the forecast of amounts on the held-out weeks."""
    low, high = interval(held.forecast.draws["value"])
    predicted, counted = held.forecast.value.sum(), held.amount
    found = f"{predicted:,.0f} € ({low:,.0f} to {high:,.0f}), counted {counted:,.0f} €"
    if (off := missed_amounts(held)) is None:
        meaning = "The interval contains the sum."
        return row("held-out amounts", found, "ok", meaning)
    meaning = f"Off by {signed(off)}: allow for as much beyond the interval in euros."
    return row("held-out amounts", found, "note", meaning)


def thumb(held):
    """Check that the model is nearer to single customers than a rule of thumb."""
    squares = held.compared().set_index("rule")["squared error"]
    best = squares.drop("BG/NBD").idxmin()
    found = f"squared error {squares['BG/NBD']:.2f}, '{best}' {squares[best]:.2f}"
    if squares["BG/NBD"] <= squares[best]:
        return row("rule of thumb", found, "ok", "The model is nearer per customer.")
    meaning = f"'{best}' is nearer per customer, and takes no model."
    return row("rule of thumb", found, "note", meaning)


def width(future):
    """Check that the interval is narrow enough for a budget."""
    name = "orders" if future.value is None else "value"
    total = getattr(future, name).sum()
    low, high = interval(future.draws[name])
    half = (high - low) / (2 * max(total, 1e-9))
    found = f"± {100 * half:.0f} %"
    if half > WIDE:
        meaning = "Wide: more customers, or fewer weeks, make it narrower."
        return row("width of the interval", found, "note", meaning)
    return row("width of the interval", found, "ok", "Narrow enough to plan with.")


def stopped(rows):
    """Return the first row that stops, or None.

    >>> stopped([row("a", "1", "ok", "Fine."), row("b", "0", "stop", "No.")])["check"]
    'b'
    """
    return next((r for r in rows if r["verdict"] == "stop"), None)


def table(rows):
    """Return the checks as a table."""
    return pd.DataFrame(rows, columns=["check", "found", "verdict", "meaning"])
