"""What the five reports say of real tables: a record.

``python -m tests.benchmarks.studies.tables`` writes ``data/results/tables.csv``. Names
of jobs behind it write their rows alone. It takes some minutes on one core, in the
environment of ``make bench``, whose packages carry the tables
(``tests/benchmarks/real.py``). No row of a table is written, but what a report says.

Columns: ``table``, ``job``, and ``setting``, what was given where that is not plain;
``rows`` of the table; ``seconds`` of processor time, from the table to the report;
``refused`` and ``decision``, the report's own. ``figure`` is an entry of the report's
numbers that has an interval, with ``value``, ``low`` and ``high``, and where the report
held weeks out, with what was ``counted`` in them. A refused report may have none.

Margins, costs and budgets are invented: no table comes with any. The planned share of
the groups is known for the résumés alone, a half. Where a second row gives another, it
is that of the table, so its sample ratio says nothing. Money was offered to other
shares of the people in other districts, by which villages are numbered: so the report
on all of them is refused, and those on one district are asked, too.
"""

import sys
import time
from dataclasses import asdict

import pandas as pd
import yaml

from recbook import Orders, report
from recbook.leaderboard.results import results_folder, write_results
from tests.benchmarks import real
from tests.benchmarks.studies.ope import obp_folder, thompson

COLUMNS = ["table", "job", "setting", "rows", "seconds", "refused", "decision"]
COLUMNS += ["figure", "value", "low", "high", "counted"]
MARGIN = 0.3  # of an amount


def grocery_orders(item):
    """Return the groceries as a log, by product or by type of product."""
    table = real.groceries().dropna(subset=item)
    names = {"customer": "household_id", "time": "transaction_timestamp", "item": item}
    names |= {"amount": "sales_value", "quantity": "quantity", "order": "basket_id"}
    return table, lambda: Orders.from_frame(table, **names)


def recommend(item, **more):
    """Return the table, and the report on what to show next."""
    table, read = grocery_orders(item)
    return table, lambda: report.recommend(read(), **more)


def grocery_value():
    """Return the groceries, and the report on what a household is worth."""
    table, read = grocery_orders("product_id")
    return table, lambda: report.customer_value(read(), margin=MARGIN)


def cdnow_value():
    """Return CDNOW's orders, and the report on what a customer is worth."""
    table = real.cdnow()
    names = {"customer": "customer", "time": "date", "item": "item"}
    names |= {"amount": "value", "quantity": "discs"}
    return table, lambda: report.customer_value(
        Orders.from_frame(table, **names), margin=MARGIN
    )


def tested(table, group, outcome, **more):
    """Return a table, and the report on a test of two arms, read once."""
    unit = table.columns[0]
    return table, lambda: report.experiment(
        table, unit, group, outcome, looks=1, **more
    )


def letters(table, group, outcome, **more):
    """Return a trial, and the report on whom of the same people to treat."""
    person = table.columns[0]
    everyone = table.drop(columns=[group[0], outcome[0]])
    return table, lambda: report.targeting(
        table, everyone, person=person, group=group, outcome=outcome, **more
    )


def policy_of(log, given):
    """Return a log of banners, and the report on a policy for its positions."""
    names = {"shown": "item_id", "chance": "propensity_score", "reward": "click"}
    return log, lambda: report.off_policy(log, **names, context="position", **given)


def thompson_policy():
    """Return how often Thompson sampling shows each item, as in obp's own policy."""
    text = (obp_folder() / "policy" / "conf" / "prior_bts.yaml").read_text()
    prior = yaml.safe_load(text)["all"]
    chances = thompson(prior["alpha"], prior["beta"], seed=0)
    return pd.DataFrame(chances, index=pd.Index([1, 2, 3], name="position"))


def cases():
    """Yield table, job, setting, and a function that returns table and report."""
    white, called = ("race", "white"), ("received_callback", 1)
    trained, paid = ("treat", 1), ("any", 1)
    resumes, men = real.resumes(), real.training()
    men = men[["participant", *men.columns.drop("participant")]]
    money = real.incentives().drop(columns="tinc")
    yield "groceries", "recommend", "types of product", recommend("product_type")
    yield "groceries", "customer_value", "", grocery_value()
    yield "cdnow", "customer_value", "", cdnow_value()
    yield "resumes", "experiment", "", tested(resumes, white, called)
    kept = resumes.drop(columns=["job_ad_id", "firstname"])
    sent = {"margin": 20, "cost": 0.6, "budget": 1000}
    yield "resumes", "targeting", "", letters(kept, white, called, **sent)
    yield "training", "experiment", "", tested(men, trained, "re78", before="re75")
    share = {"share": float(men["treat"].mean())}
    more = tested(men, trained, "re78", before="re75", **share)
    yield "training", "experiment", "share of the table", more
    more = {"margin": 5, "cost": 1, "budget": 1000}
    for setting, some in {
        "share of the table": money,
        "villages to 50, share of the table": money[money["villnum"] <= 50],
        "villages over 100, share of the table": money[money["villnum"] > 100],
    }.items():
        more["share"] = float(some["any"].mean())
        yield (
            "incentives",
            "targeting",
            setting,
            letters(some, paid, ("got", 1), **more),
        )
    log, even = real.banners(), pd.DataFrame(1 / 80, index=[1, 2, 3], columns=range(80))
    even = even.rename_axis("position")
    given = {"policy": thompson_policy()}
    yield "banners", "off_policy", "Thompson sampling", policy_of(log, given)
    yield "banners", "off_policy", "greedy", policy_of(log, {})
    log = real.banners("bts")
    yield (
        "banners",
        "off_policy",
        "at random, from its log",
        policy_of(log, {"policy": even}),
    )


def numbers_of(numbers, above=""):
    """Yield each number that has an interval, and its name."""
    for name, number in numbers.items():
        if isinstance(number, dict) and {"value", "low", "high"} <= set(number):
            yield above + name, number
        elif isinstance(number, dict):
            yield from numbers_of(number, f"{above}{name} ")


def rows_of(case):
    """Return the rows of one case."""
    table, job, setting, (frame, make) = case
    start = time.process_time()
    said = make()
    facts = {"table": table, "job": job, "setting": setting, "rows": len(frame)}
    facts |= {"seconds": round(time.process_time() - start, 1)}
    facts |= {"refused": said.refused, "decision": said.decision}
    print({name: facts[name] for name in COLUMNS[:7]}, flush=True)
    figures = [
        {"figure": name} | {key: number.get(key) for key in COLUMNS[8:]}
        for name, number in numbers_of(said.numbers)
    ]
    return [facts | figure for figure in figures or [{}]]


def main():
    """Measure and write all jobs, or those that are named; the others' rows stay."""
    jobs = sys.argv[1:]
    found = [row for case in cases() if case[1] in (jobs or [case[1]])
             for row in rows_of(case)]  # fmt: skip
    table = pd.DataFrame(found).reindex(columns=COLUMNS)
    for name in COLUMNS[8:]:
        table[name] = [float(f"{value:.6g}") for value in table[name].astype(float)]
    path = results_folder() / "tables.csv"
    if jobs and path.exists():
        before = pd.read_csv(path, keep_default_na=False)
        table = pd.concat([before[~before["job"].isin(jobs)], table])
    write_results(
        "tables",
        table,
        sources={name: asdict(real.SOURCES[name]) for name in table["table"].unique()},
        seconds="processor time of one run, on a machine that did other work, too",
        real=True,
    )


if __name__ == "__main__":
    main()
