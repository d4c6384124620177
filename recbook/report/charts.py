"""A chart as SVG: in the book's type, with a dark twin of each colour."""

import io
import re
import warnings

from recbook._core.install import missing
from recbook.report.tables import seen
from recbook.report.wording import number

__all__ = ["drawn"]


def drawn(chart, prefix):
    """Return a chart as ``<svg>`` for a page. The same data give the same bytes.

    Parameters
    ----------
    chart : Chart
        Is drawn now.
    prefix : str
        Begins each id in it; no other figure of the page has the same.

    Raises
    ------
    ImportError
        Without Matplotlib.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(missing("A figure", "Matplotlib", "report")) from error
    from recbook.plots.inline_svg import inline
    from recbook.plots.style import WIDTH, apply

    with mpl.rc_context(), warnings.catch_warnings():
        # Of letters that the font lacks: the page's reader has fonts of their own.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        apply()  # whatever the session has set since
        mpl.rcParams["text.parse_math"] = False  # a label with a $ is no formula
        figure = Figure(figsize=(WIDTH, chart.height))
        ax = figure.subplots()
        chart.draw(ax)
        for axis in (ax.xaxis, ax.yaxis):
            _separate_thousands(axis)
        file = io.StringIO()
        figure.savefig(file, format="svg", bbox_inches=None, metadata={"Date": None})
    return inline(
        seen(file.getvalue()), seen(chart.alt), re.sub(r"[^\w-]", "-", prefix)
    )


def _separate_thousands(axis):
    """Write 1,500 on an axis of counts or money, as the tables do."""
    from matplotlib.ticker import FuncFormatter, ScalarFormatter

    plain = isinstance(axis.get_major_formatter(), ScalarFormatter)
    if plain and max(map(abs, axis.get_view_interval())) >= 1000:
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
