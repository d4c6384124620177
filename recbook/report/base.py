"""What every job returns: a report, its sections, its checks and its charts."""

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

    Examples
    --------
    >>> Chart("line", "Two points.", "A line.", lambda ax: ax.plot([0, 1])).name
    'line'
    """

    name: str
    caption: str
    alt: str
    draw: Callable


@dataclass(frozen=True)
class Section:
    """A step of a report: a heading, and what stands below it.

    Parameters
    ----------
    title : str
        The question that the step answers.
    blocks : tuple
        Sentences (str), tables (DataFrame) and figures (:class:`Chart`), in the order
        of the page.

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

    @property
    def figures(self):
        """The charts of all sections, by name."""
        blocks = [block for section in self.sections for block in section.blocks]
        return {block.name: block for block in blocks if isinstance(block, Chart)}
