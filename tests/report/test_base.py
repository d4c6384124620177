"""What every job returns."""

import pandas as pd

from recbook import report


def test_figures_are_those_of_the_sections():
    chart = report.Chart("line", "A line.", "A line.", lambda ax: ax.plot([0, 1]))
    sections = (report.Section("One", ("Words.", chart)), report.Section("Two"))
    empty = pd.DataFrame()
    made = report.Report("experiment", "No.", True, empty, empty, sections=sections)
    assert made.figures == {"line": chart}
