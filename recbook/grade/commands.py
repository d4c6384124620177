"""The command line of grading."""

import argparse
import sys
from pathlib import Path

import numpy as np

from recbook.grade.campaign.commands import (
    campaign_judge,
    check_plan,
    forecasts,
    made_campaign,
)
from recbook.grade.campaign.make import is_campaign, read_campaign
from recbook.grade.files import Refused, named
from recbook.grade.films.lists import grade_lists, read_lists
from recbook.grade.films.make import STUDENTS, load, new, read_answers, read_world
from recbook.grade.films.scores import grade, read_predictions
from recbook.grade.films.tasks import Answers, World, practice, practice_world
from recbook.grade.publishing import Publishing
from recbook.grade.table import graded_class
from recbook.ratings import Ratings

__all__ = ["check_form"]

GUESSABLE = 2**64  # seeds below it could be tried, one after the other


def check_form(path, task, lists=False):
    """Refuse what the teacher's command would refuse, without any answer.

    Parameters
    ----------
    path : str or Path
        What is to be handed in.
    task : Task
        What was handed out, as from ``load``.
    lists : bool
        Whether the file holds lists, and not predictions.

    Raises
    ------
    Refused
        Naming row, column, value and the way out.

    Examples
    --------
    >>> check_form("nowhere.csv", practice("embedded"))
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere.csv' does not exist; check the name
    """
    unknown = np.ones(len(task.pairs))
    if lists:
        ids = task.train.user_ids, task.train.item_ids
        read_lists(path, World(task, Ratings(*task.codes, unknown, None, *ids), None))
    else:
        pairs = task.pairs[["user_id", "movie_id"]].to_numpy()
        read_predictions(path, Answers(*pairs.T, unknown, {}, task.name))


def main(arguments=None):
    """Do what the command line says; return the exit status."""
    options = _parser().parse_args(arguments)
    chosen = [options.file, options.pairs, options.new, options.new_campaign]
    chosen += [options.table]
    try:
        if sum(value is not None for value in chosen) != 1:
            raise Refused(
                "give one of FILE, --pairs FILE, --new FOLDER, --new-campaign FOLDER "
                "and --table FOLDER; python -m recbook.grade --help says what each does"
            )
        _check_pairing(options)
        for line in _do(options):
            print(line)
    except (Refused, OSError) as reason:
        if isinstance(reason, OSError):  # a name that no disk can hold, or no right
            what = named(reason.filename or options.file or "a file")
            reason = f"{what} cannot be used: {reason.strerror or reason}"
        of = f"{named(options.file)} was not graded: " if options.file else ""
        print(f"recbook.grade: {of}{reason}.", file=sys.stderr)
        return 2
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m recbook.grade",
        description=sys.modules[__package__].__doc__.replace("::\n\n", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", nargs="?", metavar="FILE", help="CSV of predictions, or of lists")
    add("--answers", metavar="PATH", help="answers.csv; the practice split without it")
    add("--form", metavar="FOLDER", help="what was handed out: check FILE, no score")
    add("--lists", action="store_true", help="top-10 lists, graded by nDCG@10")
    add("--pairs", metavar="FILE", help="write the practice split's pairs to predict")
    add("--new", metavar="FOLDER", help="make a world that nobody has seen")
    add("--new-campaign", metavar="FOLDER", help="make a campaign that nobody has seen")
    add("--seed", type=int, help="of a new world: a secret, drawn where it is left out")
    add("--forecast", metavar="FILE", help="of a plan: where it is not beside FILE")
    add("--table", metavar="FOLDER", help="rank all .csv files of a folder")
    add("--csv", metavar="FILE", help="of --table: write it for a spreadsheet, too")
    add("--html", metavar="FILE", help="of --table: write a page to show to the class")
    add("--anonymous", action="store_true", help="of --html: code names for names")
    add("--feedback", metavar="FOLDER", help="of --table: write a text for each team")
    return parser


def _check_pairing(options):
    """Refuse an option that the chosen action would ignore."""
    if options.seed is not None and options.new is options.new_campaign:
        raise Refused("--seed goes with --new and --new-campaign only; leave it out")
    for name in ("csv", "html", "feedback"):
        if getattr(options, name) is not None and options.table is None:
            raise Refused(f"--{name} goes with --table only; leave it out")
    if options.anonymous and (options.html is None or options.answers is None):
        raise Refused(
            "--anonymous goes with --html and --answers, whose secret draws the code "
            "names; leave it out"
        )
    if options.form is not None and (options.file is None or options.answers):
        raise Refused("--form goes with FILE and without --answers; leave it out")
    if options.forecast is not None and (
        options.file is None or not is_campaign(options.answers or options.form or "")
    ):
        raise Refused("--forecast goes with a plan for a campaign; leave it out")
    if options.lists and is_campaign(options.answers or options.form or ""):
        raise Refused("--lists goes with films, not with a campaign; leave it out")
    if options.file is None and options.table is None:
        for name in ("answers", "lists"):
            if getattr(options, name):
                raise Refused(f"--{name} goes with FILE or --table; leave it out")


def _do(options):
    """Yield the lines that the command prints."""
    if options.pairs is not None:
        yield from _write_pairs(Path(options.pairs))
    elif options.new is not None:
        yield from _make(Path(options.new), options.seed)
    elif options.new_campaign is not None:
        yield from made_campaign(Path(options.new_campaign), options.seed)
        yield from _guessable(options.seed)
    elif options.form is not None:
        if is_campaign(options.form):
            check_plan(options.file, options.form, options.forecast)
        else:
            check_form(options.file, load(options.form), options.lists)
        yield f"{named(options.file)} can be graded. How good it is, this does not say."
    elif options.table is not None:
        yield from _graded_class(options)
    else:
        judge, name = _judge(options)
        report = judge(options.file).report()
        yield name
        yield report


def _graded_class(options):
    """Yield the lines of a class, and write what is to be written of it."""
    out = Publishing(options)
    judge, name = _judge(options)
    table = graded_class(options.table, judge)
    out.check(table)
    yield name
    yield from table.printed()
    if options.answers is not None and is_campaign(options.answers):
        yield from forecasts(table)
    yield from out.write(table)


def _judge(options):
    """Return what grades a path, and the name of what it grades by."""
    if options.answers is None:
        world = practice_world()
        hint = " Nothing of it is hidden: for a class, --new makes a world that is."
        name = world.task.name[0].upper() + world.task.name[1:] + "." + hint
    elif is_campaign(options.answers):
        answers = read_campaign(options.answers)
        judge = campaign_judge(answers, options.file, options.forecast)
        return judge, f"By {named(options.answers)}."
    elif options.lists:
        world = read_world(options.answers)
        name = f"The lists' answers beside {named(options.answers)}."
    else:
        answers = read_answers(options.answers)
        return (lambda path: grade(path, answers)), f"By {named(options.answers)}."
    if options.lists:
        return (lambda path: grade_lists(path, world)), name
    answers = world.answers()
    return (lambda path: grade(path, answers)), name


def _write_pairs(path):
    """Write what the practice split asks for."""
    pairs = practice().pairs
    try:
        pairs.to_csv(path, index=False, mode="x")
    except FileExistsError:
        raise Refused(f"{named(path)} is there already; name a new file") from None
    except OSError as error:
        why = error.strerror or error
        raise Refused(f"{named(path)} cannot be written: {why}") from None
    yield f"{len(pairs)} pairs to predict are in {path}."


def _make(folder, seed):
    """Make a world and say what goes where."""
    used = new(folder, seed)
    yield f"Hand out {folder / STUDENTS}: train, films, people, and pairs to predict."
    yield f"Keep answers.csv, answers-lists.csv and seed.txt of {folder} to yourself."
    yield from _guessable(used)


def _guessable(seed):
    """Yield a warning for a seed that could be found by trying."""
    if seed is not None and seed < GUESSABLE:
        yield (
            f"Seed {seed} can be found by trying seeds until the files come out: for "
            "a class leave --seed out, and 128 bits are drawn."
        )
