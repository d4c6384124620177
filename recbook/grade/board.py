"""The page of a class: who stands where, how surely, and whose forecast was best.

One HTML file that asks nobody for anything, with the look and the policy of a report.
Remarks on a file are the teacher's: no word of them is on the page.
"""

from pathlib import Path

import numpy as np

from recbook.grade.campaign.forecasts import euros
from recbook.report.page import document, scrolling
from recbook.report.tables import markup, text

__all__ = ["board"]

GENERATOR = "recbook.grade"
WIDTH = 100  # units of a bar's drawing
LEAD = {
    "RMSE": (
        "Root mean squared error over all hidden pairs, in stars: less is better.",
        "{:.4f}",
    ),
    "nDCG@10": ("nDCG of ten films for each person: more is better.", "{:.4f}"),
    "of the best": ("True profit as a share of the best plan's.", "{:.1%}"),
}
SHARED = (
    "A place is shared where a test, person by person, cannot tell two rows apart. The "
    "bar is a 95 % interval of the score. Baselines are in italics."
)


def board(table):
    """Return the page of a class.

    Parameters
    ----------
    table : Table
        The class, graded, with one file at least.

    Returns
    -------
    str
        HTML.
    """
    measure = next(iter(table.rows[0].score.measures))
    lead, form = LEAD[measure]
    parts = [
        '<header><p class="kicker">Class project</p><h1>Standings</h1></header>',
        f"<p>{text(lead)} {SHARED}</p>",
        scrolling(_standings(table, measure, form), "Standings"),
    ]
    if table.refused:
        n = len(table.refused)
        files = "files were" if n > 1 else "file was"
        parts.append(f"<p>{n} {files} not graded; those who sent them know why.</p>")
    if table.rivals():
        parts += _forecasts(table)
    parts.append(
        '<footer><p class="own">Made by recbook. This page asks nothing of any '
        "other.</p></footer>"
    )
    article = "\n".join(parts)
    said = f'<article class="recbook-report" lang="en">\n{article}</article>'
    return document("Class project: standings", said, GENERATOR, _style())


def _style():
    return Path(__file__).with_name("board.css").read_text(encoding="utf-8")


def _standings(table, measure, form):
    """Return the table of all rows."""
    scores = [row.score for row in table.rows]
    ends = limits([end for score in scores for end in score.interval])
    bars = [bar(*score.interval, *ends, form, score.value) for score in scores]
    columns = [
        ("place", [f"{r.place}{'=' * table.shared(r)}" for r in table.rows], ""),
        ("team", [text(table.name(row)) for row in table.rows], ""),
        (measure, [form.format(score.value) for score in scores], "num"),
        ("95 % interval", bars, "bar"),
        ("gain over the best baseline", [_gain(score) for score in scores], ""),
    ]
    html = markup(columns, len(scores), {t for t, r in enumerate(table.rows) if
                                         r.place == 1 and r.file})  # fmt: skip
    return _marked(html, [row.file is None for row in table.rows])


def _marked(html, are_baselines):
    """Return a table whose rows of baselines are marked for the style."""
    head, *rows = html.split("<tr")[1:]
    rows = [
        f' class="baseline"{row}' if is_baseline else row
        for row, is_baseline in zip(rows, are_baselines, strict=True)
    ]
    return html.partition("<tr")[0] + "<tr" + "<tr".join([head, *rows])


def _gain(score):
    """Say in a word how a score stands to the best baseline."""
    if not score.baselines:
        return ""
    said = score.gained().removesuffix(".").rpartition(" so ")[2]
    return text(said)


def _forecasts(table):
    """Return title and table of the forecasts that are ranked."""
    rivals = table.rivals()
    truth = rivals[0].score.readers_profit
    said = [row.score.readers for row in rivals]
    # Half of the teams fit whole, however narrow most intervals are.
    reach = 1.5 * np.median([max(f.high - truth, truth - f.low, 1.0) for f in said])
    ends = truth - reach, truth + reach
    scores = [row.score.rivalry for row in rivals]
    places = [1 + sum(s < mine for s in scores) for mine in scores]
    columns = [
        ("place", [f"{p}{'=' * (places.count(p) > 1)}" for p in places], ""),
        ("team", [text(table.name(row)) for row in rivals], ""),
        ("forecast", [text(euros(f.profit)) for f in said], "num"),
        ("interval", [bar(f.low, f.high, *ends, "{:,.0f} €", f.profit, truth)
                      for f in said], "bar"),
        ("held", ["no" if f.missed(truth) else "yes" for f in said], ""),
        ("interval score", [text(euros(score)) for score in scores], "num"),
    ]  # fmt: skip
    best = {t for t, place in enumerate(places) if place == 1}
    return [
        "<h2>Forecasts of the readers' plan</h2>",
        f"<p>It truly earns {text(euros(truth))}, the dashed line. The interval score "
        "is the width of the interval, and 40 € for each euro by which it missed: less "
        "is better.</p>",
        scrolling(markup(columns, len(rivals), best), "Forecasts"),
    ]


def limits(values):
    """Return the ends of a scale, which one file far away does not stretch.

    >>> bool(limits([0.0, 1.0, 2.0, 3.0, 1000.0])[1] < 20)
    True
    """
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    reach = 3 * max(high - low, 1e-9 + abs(middle) * 1e-6)
    return max(min(values), low - reach), min(max(values), high + reach)


def bar(low, high, start, end, form, value, truth=None):
    """Return an interval as a small drawing, with its value and, if given, the truth.

    >>> bar(2.0, 4.0, 0.0, 8.0, "{:.1f}", 3.0)[:60]
    '<svg class="bar" viewBox="0 0 100 16" preserveAspectRatio="n'
    """

    def place(number):
        share = (number - start) / (end - start) if end > start else 0.5
        return round(WIDTH * min(1.0, max(0.0, share)), 2)

    label = f"{form.format(low)} to {form.format(high)}"
    lines = [f'<line x1="{place(low)}" x2="{place(high)}" y1="8" y2="8"/>']
    at = place(value)
    lines.append(f'<line class="tick" x1="{at}" x2="{at}" y1="3" y2="13"/>')
    if truth is not None:
        at = place(truth)
        lines.append(f'<line class="truth" x1="{at}" x2="{at}" y1="0" y2="16"/>')
    return (
        f'<svg class="bar" viewBox="0 0 {WIDTH} 16" preserveAspectRatio="none" '
        f'role="img" aria-label="{text(label)}">{"".join(lines)}</svg>'
    )
