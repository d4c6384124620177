"""A report that looks like a job's, made in no time."""

import pandas as pd

from recbook.report import Chart, Report, Section

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def drawing(ax):
    ax.plot([0, 1000, 2000, 3000], [0, 900, 1454, 700], label="forecast")
    ax.fill_between([0, 1000, 2000, 3000], [0, 200, 102, -900], [0, 1700, 2806, 2100],
                    alpha=0.2)  # fmt: skip
    ax.axhline(0, color="#767676", linewidth=0.8)
    ax.set_xlabel("letters")
    ax.set_ylabel("profit (€)")


def report(name="tea", column="customer", refused=False, listed=True):
    """Return a report on a mailing, in which names of the reader's stand everywhere."""
    checks = pd.DataFrame(
        [
            ["sample ratio", "20,031 and 19,969, p = .76", "ok", "It was drawn."],
            ["balance", f"largest imbalance 0.02, {name}", "ok", "The arms are alike."],
            ["outcomes", "412 in the smaller arm", "note", "Enough for a short list."],
            ["interval", f"−1,183 € to 678 €, {name}", "stop" if refused else "ok",
             "It may lose money."],
        ],
        columns=["check", "found", "verdict", "meaning"],
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "plan": ["nobody", "everybody", "by response", f"the doubly robust {name}"],
            "letters": [0, 30_000, 5_000, 1_666],
            "profit €": [0.0, -5281.33, 1454.2, 1502.9],
            "low": [0.0, -9000.1, 102.4, 240.0],
            "high": [0.0, -1500.9, 2806.0, 2760.4],
            "": ["", "", "", "◀"],
        }
    )
    table.attrs["caption"] = f"Profit of each plan on people not learnt from ({name})."
    mailing = pd.DataFrame(
        {
            column: ["007", "008", name],
            "send": [True, True, False],
            "effect": [0.031, 0.0288, -0.0125],
            "expected": [1.2, 0.9, -0.85],
        }
    )
    chart = Chart("length", f"Profit by length, {name}.", f"A hill, {name}.", drawing)
    words = "The letter brings 0.7 points more buyers (0.2 to 1.2), or 0.14 € each."
    sections = (
        Section("Does the letter work?", (words, (f"One {name}.", "Two."))),
        Section(f"Whom? {name}", ("The plans.", table, "By length.", chart)),
    )
    yes = "Send 1,666 letters: they are forecast to bring 1,454 € (102 to 2,806)."
    no = f"Send nothing: 44 orders cannot tell customers apart, {name}."
    return Report(
        "targeting", no if refused else yes, refused, checks, table,
        mailing if listed else None, sections,
        {"forecast": {"value": 1454.2, "low": 102.4, "high": float("nan")}},
        {"person": column, "group": ("arm", name), "margin": 20.0, "seed": 0},
    )  # fmt: skip
