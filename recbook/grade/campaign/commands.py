"""What the command line does with campaigns: make one, check a plan, grade plans."""

import numpy as np

from recbook.grade.campaign.forecasts import (
    READERS,
    euros,
    forecast_of,
    read_forecasts,
)
from recbook.grade.campaign.make import (
    ANSWERS,
    form_of,
    load_campaign,
    new_campaign,
)
from recbook.grade.campaign.scores import grade_campaign, read_actions
from recbook.grade.files import named
from recbook.grade.films.make import STUDENTS

__all__ = ["campaign_judge", "check_plan", "forecasts", "made_campaign"]


def made_campaign(folder, seed):
    """Make a campaign and yield what goes where."""
    new_campaign(folder, seed)
    yield f"Hand out {folder / STUDENTS}: customers, a trial, and what is asked for."
    yield f"Keep {ANSWERS} and seed.txt of {folder} to yourself."


def check_plan(path, folder, forecast=None):
    """Refuse what the teacher's command would refuse, without any answer.

    Parameters
    ----------
    path : str or Path
        The plan that is to be handed in.
    folder : str or Path
        What was handed out.
    forecast : str or Path, optional
        The forecast, where it is not beside the plan.

    Raises
    ------
    Refused
        Naming row, column, value and the way out.
    """
    read_actions(path, form_of(load_campaign(folder)))
    if (forecast := forecast_of(path, forecast)) is not None:
        read_forecasts(forecast)


def campaign_judge(answers, path=None, forecast=None):
    """Return what grades plans; that of ``path`` has its forecast in another file."""

    def judge(plan):
        return grade_campaign(plan, answers, forecast if plan == path else None)

    return judge


def forecasts(table):
    """Yield the forecasts of a class: those that are ranked, then those that are not.

    Parameters
    ----------
    table : Table
        The class, graded.
    """
    if not table.files:
        return
    truth = table.files[0].score.readers_profit
    if np.isnan(truth):
        yield (
            f"The answers have no plan {READERS}, so forecasts are of each team's own "
            "plan, and not ranked: a plan of nothing is forecast to the cent."
        )
    else:
        yield f"Forecasts of the readers' plan ({euros(truth)}), by interval score:"
        for row in table.rivals():
            yield f"  {named(row.name)}: {row.score.readers.report(truth)}"
        for row in table.files:
            if row.score.readers is None:
                yield f"  {named(row.name)}: no forecast"
    yield "Forecasts of their own plans, which are not ranked:"
    for row in table.files:
        own = row.score.forecast
        said = own.report(row.score.profit) if own else "no forecast"
        yield f"  {named(row.name)}: {said}"
