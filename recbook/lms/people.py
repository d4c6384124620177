"""Who is in a class, and which of them handed in what."""

import re
import unicodedata
from dataclasses import dataclass, field

from recbook._core.refusals import Refused

__all__ = ["Matching", "Person", "letters", "matched"]


@dataclass(frozen=True)
class Person:
    """One row of a class list that a platform gave.

    Parameters
    ----------
    name : str
        As the list has it; empty where students are anonymous.
    id : str
        The number in the names of what this student hands in.
    logins : tuple of str
        Other names: a login, an e-mail address, the number of the university.
    row : int
        Where it stands in the table.
    late : bool
        Whether the list says so of what was handed in.
    kept : str
        Why the platform takes no grade for this row; empty where it does.
    graded : bool
        Whether the row has a grade already.

    Examples
    --------
    >>> Person("Byron, Ada", "12345", ("abyron",)).names == {"byronada", "adabyron",
    ...     "abyron"}
    True
    """

    name: str
    id: str = ""
    logins: tuple = ()
    row: int = 0
    late: bool = False
    kept: str = ""
    graded: bool = False

    @property
    def names(self):
        """The letters of what the student may be called, logins among them."""
        mailboxes = [login.partition("@")[0] for login in self.logins]
        return self.full_names | {letters(o) for o in [*self.logins, *mailboxes]} - {""}

    @property
    def full_names(self):
        """The letters of the name, in both orders where it is "Byron, Ada"."""
        last, _, first = self.name.partition(",")
        return {letters(last + first), letters(first + last)} - {""}


@dataclass
class Matching:
    """What came out of ``matched``.

    Parameters
    ----------
    of : dict of (name, id) to Person
        The row of each student who was found.
    unknown : list of Student
        Those who stand in no row, or in more than one.
    absent : list of Person
        Those of whom there is no student.
    otherwise : list of (Student, Person)
        Those who were found by the id, and have another name in the list.

    Examples
    --------
    >>> Matching().absent
    []
    """

    of: dict = field(default_factory=dict)
    unknown: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    otherwise: list = field(default_factory=list)


def letters(name):
    """Return the letters and digits of a name, by which names are compared.

    >>> letters("Byron, Ada") == letters("byronada"), letters("Zoë"), letters("李 伟")
    (True, 'zoe', '李伟')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


def matched(students, people):
    """Find students in a class list: by the id, else by a name that is only theirs.

    Parameters
    ----------
    students : list of Student
        Those who handed in, each once.
    people : list of Person
        The class list.

    Returns
    -------
    Matching
        Students and rows, and who was not found on either side.

    Raises
    ------
    Refused
        If the ids are those of other people, as in the list of another assignment.

    Examples
    --------
    >>> from recbook.lms import Student
    >>> found = matched([Student("ada"), Student("zoe")], [Person("Ada", "7")])
    >>> found.of["ada", ""].id, [student.name for student in found.unknown]
    ('7', ['zoe'])
    """
    found = Matching()
    by_id = {person.id: person for person in people if person.id}
    for student in students:
        if student.id in by_id:
            found.of[student.key] = person = by_id[student.id]
            if person.name and not _is_called(student.name, person):
                found.otherwise.append((student, person))
    if len(found.otherwise) * 2 > len(found.of):
        student, person = found.otherwise[0]
        raise Refused(
            f"id {student.id} is {student.name} in the folder and {person.name} in "
            "the class list, and so with most: take the list of this assignment"
        )
    _match_names([s for s in students if s.key not in found.of], people, found)
    taken = {person.row for person in found.of.values()}
    found.unknown = [s for s in students if s.key not in found.of]
    found.absent = [person for person in people if person.row not in taken]
    return found


def _is_called(name, person):
    """Whether a platform may have made a name of a person's: with a group before it."""
    name = letters(re.sub(r"^participant", "", name, flags=re.IGNORECASE))
    fits = name in person.names or name.endswith(tuple(person.full_names))
    return not name or fits


def _match_names(students, people, found):
    """Match those who have no id in the list, where one name fits one person."""
    taken = {person.row for person in found.of.values()}
    fits = {}
    for student in students:
        name = letters(student.name)
        fits[student.key] = [p for p in people if name in p.names]
    for student in students:
        rows = [person.row for person in fits[student.key]]
        rivals = [key for key, some in fits.items() if {p.row for p in some} & {*rows}]
        if len(rows) == 1 and len(rivals) == 1 and not taken & {*rows}:
            found.of[student.key] = fits[student.key][0]
