"""The drawing of two piles has the numbers of the table above it."""

import re
import sys
from pathlib import Path

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
ROW = re.compile(
    r"\| \d \| ([\d.]+)\s% \| ([\d.]+)\s% \| [\d.]+ points \| "
    r"10,000 × \(([\d.]+) − ([\d.]+)\) = ([+−][\d,]+) \|"
)


def test_the_piles_are_those_of_the_table(monkeypatch):
    monkeypatch.syspath_prepend(str(CHAPTERS / "_ext" / "drawings"))
    monkeypatch.delitem(sys.modules, "piles", raising=False)
    import piles

    page = (CHAPTERS / "1-concepts" / "background.md").read_text(encoding="utf-8")
    rows = ROW.findall(page)
    assert [(float(a), float(b)) for a, b, *_ in rows] == list(piles.GROUPS)
    drawn = piles.piles()
    for with_letter, without, _, cost, earns in rows:
        added = round(100 * (float(with_letter) - float(without)))
        assert f">{added} added<" in drawn
        assert f">{earns} €<" in drawn
        assert float(cost) == piles.COST
    # Ten orders to a square: 80 of the first group and 44 of the second.
    assert drawn.count("M") == 80 + 44
