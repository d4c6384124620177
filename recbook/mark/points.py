"""What an exercise is worth, and what a teacher decides by hand."""

import math
from dataclasses import dataclass

from recbook._core.refusals import Refused, shown
from recbook.checks import contents
from recbook.checks.choices import is_wrong_letter
from recbook.lms import number_of
from recbook.mark.classlist import rows_of
from recbook.mark.faults import NOT_THERE

MOST = 1000  # points of an exercise


@dataclass(frozen=True)
class Mark:
    """What one student gets for one exercise.

    Parameters
    ----------
    points, of : float
        Points, and how many there are.
    line : str
        Of the check.
    right : bool
        Whether the check says so.
    why : str, optional
        The reason of a teacher who decided the points by hand.
    """

    points: float
    of: float
    line: str
    right: bool
    why: str | None = None


class Scheme:
    """The points of each exercise, and those that are decided by hand.

    Parameters
    ----------
    ids : list of str
        What is marked.
    words : list of str
        Such as "2.2-lookalike=3": what is not 1 point.

    Examples
    --------
    >>> scheme = Scheme(["2.2-pull", "2.2-leak"], ["2.2-pull=3"])
    >>> scheme.total
    4
    >>> scheme.marks(("Ada", ""), {"2.2-pull": [True, "right"],
    ...     "2.2-leak": [False, "off"]})["2.2-pull"].points
    3
    """

    def __init__(self, ids, words=()):
        self.weights = dict.fromkeys(ids, 1) | dict(map(self._weight, words))
        unknown = [id for id in self.weights if id not in ids]
        if unknown:
            raise Refused(
                f"--points names {shown(unknown[0])}, which is not marked; name an "
                f"exercise of --ids, such as {ids[0]}"
            )
        if not self.total:
            raise Refused("--points leaves no point for anything; give more than 0")
        self.by_hand = {}  # (key of a student, id) -> (points, why)

    def _weight(self, word):
        id, _, text = word.rpartition("=")
        value = number_of(text)
        if not id or value is None or value > MOST:
            raise Refused(
                f"--points {shown(word)} is not an exercise with its points, from 0 to "
                f"{MOST}; write 2.2-lookalike=3"
            )
        return id, plain(value)

    @property
    def total(self):
        """All points together."""
        return plain(sum(self.weights.values()))

    def marks(self, key, results):
        """Return the marks of one file or student.

        Parameters
        ----------
        key : tuple
            Whose, as from ``Student.key``.
        results : dict
            id -> [right, line], of the checks.
        """
        marks = {}
        for id, of in self.weights.items():
            right, line = results[id]
            points, why = self.by_hand.get((key, id), (of if right else 0, None))
            marks[id] = Mark(points, of, line, bool(right), why)
        return marks

    def take_overrides(self, path, classlist):
        """Read the points that a teacher decides by hand.

        Parameters
        ----------
        path : str
            CSV: ``id`` or ``name`` of a student, ``exercise``, ``points``, ``why``.
        classlist : ClassList
            Who there is.

        Returns
        -------
        int
            How many rows are about exercises that are not marked now.

        Raises
        ------
        Refused
            Naming a row where nobody or nothing is meant, or too many points given.
        """
        rows, aside = rows_of(path, ["exercise", "points", "why"]), 0
        for place, id, name, exercise, points, why in rows:
            exercise = self._exercise(exercise, place)
            if exercise not in self.weights:
                aside += 1
                continue
            key = classlist.one(id, name, place), exercise
            if key in self.by_hand:
                raise Refused(
                    f"{place}: {exercise} of {shown(id or name)} stands in an earlier "
                    "row already; keep one of the two"
                )
            points = self._points(points, exercise, place)
            self.by_hand[key] = points, why or "by your teacher"
        return aside

    def _exercise(self, text, place):
        """Return the id of an exercise that is given by its id or its number."""
        known = contents()
        by_number = {number: id for id, (number, _) in known.items() if number}
        id = by_number.get(text, text)
        if id not in known:
            raise Refused(
                f"{place}: there is no exercise {shown(text)}; write its id, such as "
                "2.2-pull, or its number, such as 2.2.7"
            )
        return id

    def _points(self, text, id, place):
        value, of = number_of(text), self.weights[id]
        if value is None or value > of:
            raise Refused(
                f"{place}: points are {shown(text)}; write a number from 0 to {of:g}, "
                f"which is what {id} is worth, or raise that by --points"
            )
        return plain(value)


def plain(value):
    """Return a number without a fraction where it has none, else with few decimals.

    >>> plain(2.0), plain(0.1 + 0.2)
    (2, 0.3)
    """
    return int(value) if math.floor(value) == value else round(value, 4)


def total_of(marks):
    """Return the points of all marks together."""
    return plain(sum(mark.points for mark in marks.values()))


def best_of(several):
    """Return one student's marks, of which each is the best of several files.

    A letter is right only where no file has a wrong one: one of a few files would hit.

    >>> off, right = Mark(0, 1, "off", False), Mark(1, 1, "right", True)
    >>> best_of([{"a": off}, {"a": right}])["a"].line
    'right'
    """

    def worth(mark):
        return mark.points, mark.right, mark.line != NOT_THERE

    best = {}
    for id in several[0]:
        marks = [file[id] for file in several]
        wrong = [mark for mark in marks if is_wrong_letter(id, mark.line)]
        best[id] = max(wrong or marks, key=worth)
    return best
