"""Draw the picture of chapter 1.1, chapters/_static/profit.svg, from its numbers.

Usage: .venv/bin/python chapters/_ext/drawings/profit.py
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from recbook import plots

TARGET = Path(__file__).parents[2] / "_static" / "profit.svg"
RATES = np.array([8.0, 4.4, 2.6, 1.6, 1.1, 0.8, 0.6, 0.4, 0.3, 0.2]) / 100
MARGIN, COST, FIXED, GROUP = 20, 0.60, 5_000, 10_000  # euro, euro, euro, customers


def running_profit(rates):
    """Profit after 0, 1, … groups, in thousands of euros."""
    gains = GROUP * (rates * MARGIN - COST)
    return (np.cumsum([0, *gains]) - FIXED) / 1000


def draw():
    best = running_profit(RATES)
    random = running_profit(np.full(len(RATES), RATES.mean()))
    letters = np.arange(len(best)) * GROUP / 1000
    top = best.argmax()

    fig, ax = plt.subplots(figsize=(7.2, 3.8))
    ax.axhline(0, color="#767676", lw=0.8)
    ax.plot(letters, random, color=plots.COLORS["baseline"], ls="--")
    ax.plot(letters, best, color=plots.COLORS["ours"], marker="o", ms=4)
    ax.plot(letters[top], best[top], "o", ms=9, color=plots.COLORS["ours"])
    note = f"stop here: +{best[top] * 1000:,.0f} €"
    ax.annotate(note, (letters[top] + 2, best[top] + 0.8))
    ax.annotate("most likely buyers first", (46, 3), color=plots.COLORS["ours"])
    ax.annotate("in random order", (20, -16), color=plots.COLORS["baseline"])
    last = f"everybody:\n{best[-1] * 1000:,.0f} €".replace("-", "−")
    ax.annotate(last, (101, best[-1] + 12), ha="right", va="bottom")
    ax.set(xlabel="letters sent (thousands)", ylabel="profit (thousand €)")
    ax.set(xlim=(0, 102), ylim=(-27, 12))
    ax.set_title("The profit lies in knowing where to stop")
    fig.savefig(TARGET, metadata={"Date": None})


if __name__ == "__main__":
    draw()
