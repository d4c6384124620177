"""What every job returns: a report, its sections, its checks and its charts.

What a job hands to the page:

- **Numbers in tables stay numbers.** The page writes them for people: thousands
  separators, three digits, a true minus. A column whose head ends in € or % holds euros
  or percent. Two columns ``low`` and ``high`` (or ``value low``, ``value high``) that
  stand side by side become one, "95 % interval". A column without a head that holds ◀
  marks the best rows. ``frame.attrs["caption"]`` is the table's caption.
- **Numbers in sentences** are written by ``recbook.report.wording``.
- A tuple of sentences among the blocks becomes a list.
- Work that takes more than three seconds shows how far it is:
  ``for fold in bar(folds, "folds")`` of ``recbook._core.progress``. The command shows
  it on a terminal, and nowhere else.
- The decision and the checks are on the page once, at the top, and a section with
  nothing else is left out. ``table`` is shown where no section has a table.
- A face names no file like a name it exports: ``recbook/report/<job>.py`` has another
  name than its function.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["Chart", "Report", "Section"]


@dataclass(frozen=True)
class Chart:
    """A figure that is drawn when it is looked at.

    Parameters
    ----------
    name : str
        Its key in ``Report.figures``.
    caption : str
        One sentence that says what is to be seen.
    alt : str
        The same for those who do not see it.
    draw : callable
        Takes Matplotlib axes and draws on them, in colours of ``recbook.plots.COLORS``.
    height : float
        Of the figure in inches. It is 7.2 wide.

    Examples
    --------
    >>> Chart("line", "Two points.", "A line.", lambda ax: ax.plot([0, 1])).name
    'line'
    """

    name: str
    caption: str
    alt: str
    draw: Callable
    height: float = 3.6

    def svg(self, prefix="chart"):
        """Return it drawn, as SVG in light and dark colours; ``prefix`` begins its ids.

        Raises
        ------
        ImportError
            Without Matplotlib. The sentence says how to get it.
        """
        from recbook.report.charts import drawn  # which imports Matplotlib

        return drawn(self, f"{prefix}-{self.name}")

    def _repr_html_(self):
        from recbook.report.page import figure_block

        return figure_block(self)


@dataclass(frozen=True)
class Section:
    """A step of a report: a heading, and what stands below it.

    Parameters
    ----------
    title : str
        The question that the step answers.
    blocks : tuple
        Sentences (str), lists of sentences (tuple of str), tables (DataFrame) and
        figures (:class:`Chart`), as the page shows them from top to bottom.

    Examples
    --------
    >>> Section("Was it randomised?", ("Yes: p = .42.",)).title
    'Was it randomised?'
    """

    title: str
    blocks: tuple = ()


@dataclass(frozen=True)
class Report:
    """The answer to one job.

    Parameters
    ----------
    job : str
        Which one, such as "targeting".
    decision : str
        One sentence, which is the refusal where the data cannot carry an answer.
    refused : bool
        Whether it is a refusal.
    checks : DataFrame
        Columns ``check``, ``found``, ``verdict`` ("ok", "note" or "stop") and
        ``meaning``, a row for each check.
    table : DataFrame
        The numbers that the decision rests on.
    list : DataFrame or None
        Rows with the reader's own ids, None where the job has none or refuses it.
    sections : tuple of Section
        The steps of the page, in order.
    numbers : dict
        What ``numbers.json`` holds, beside decision, checks and settings.
    settings : dict
        The arguments and the seed.
    source : dict
        Of the command: "files", the name of the file for each table, and "reading", how
        each was read. Empty for a report that was made in Python.

    Examples
    --------
    >>> checks = pd.DataFrame(columns=["check", "found", "verdict", "meaning"])
    >>> Report("experiment", "Nothing can be told.", True, checks, checks).refused
    True
    """

    job: str
    decision: str
    refused: bool
    checks: pd.DataFrame
    table: pd.DataFrame
    list: pd.DataFrame | None = None
    sections: tuple = ()
    numbers: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    source: dict = field(default_factory=dict)

    @property
    def figures(self):
        """The charts of all sections, by name."""
        blocks = [block for section in self.sections for block in section.blocks]
        return {block.name: block for block in blocks if isinstance(block, Chart)}

    def save(self, folder, date=None):
        """Write ``report.html``, ``numbers.json`` and, with a list, ``list.csv``.

        The same report has the same bytes, whenever it is written, unless ``date``
        puts a day on the page. In ``list.csv``, text that a spreadsheet would take for
        a formula (it begins with =, +, -, @) has an apostrophe in front, and the page
        says how many cells have. ``report.list`` has the ids as they were read.

        Parameters
        ----------
        folder : str or Path
            Is made where it is missing. The three files of an earlier report are
            replaced, and a ``list.csv`` that this report does not have is removed.
        date : str or datetime.date, optional
            The day to print on the page, for those to whom it is sent.

        Returns
        -------
        list of Path
            The files that were written.

        Raises
        ------
        FileExistsError
            If the folder has a file of such a name that no report wrote.
        """
        from recbook.report.files import save

        return save(self, folder, date)

    def _repr_html_(self):
        from recbook.report.page import fragment

        return fragment(self)
