"""What the command line does with campaigns: make one, check a plan, grade plans."""

from recbook.grade.campaign.make import (
    ANSWERS,
    form_of,
    load_campaign,
    new_campaign,
    read_campaign,
)
from recbook.grade.campaign.scores import (
    forecast_of,
    grade_campaign,
    read_actions,
    read_forecast,
)
from recbook.grade.files import named
from recbook.grade.films.make import STUDENTS
from recbook.grade.table import standings
from recbook.lms import student_of

__all__ = ["check_plan", "graded_plans", "made_campaign"]


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
        read_forecast(forecast)


def graded_plans(options):
    """Yield the lines of a plan that is graded, or of a folder of them."""
    answers = read_campaign(options.answers)
    scores = []

    def judge(path):
        forecast = options.forecast if path == options.file else None
        score = grade_campaign(path, answers, forecast)
        scores.append((path, score))
        return score

    if options.table is None:
        report = judge(options.file).report()
    else:
        report = standings(options.table, judge, options.csv)
    yield f"By {named(options.answers)}."
    yield report
    if options.table is not None:
        yield from forecasts(scores)


def forecasts(scores):
    """Yield the forecasts of a class, pairs of path and score, the best score first.

    Where several files have one name, the student's folder tells them apart.
    """
    yield "Forecasts, by interval score:"
    files = [path.name for path, _ in scores]
    rows = []
    for path, score in scores:
        alone = files.count(path.name) == 1
        student = student_of(path.parent, path.parents[1])
        name = path.name if alone else f"{student.name}/{path.name}"
        rows.append((named(name), score.profit, score.forecast))
    given = [row for row in rows if row[2] is not None]
    for name, profit, said in sorted(given, key=lambda row: row[2].score(row[1])):
        yield f"  {name}: {said.report(profit)}"
    for name, _, said in rows:
        if said is None:
            yield f"  {name}: no forecast"
