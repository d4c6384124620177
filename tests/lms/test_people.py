"""Who is who in a class list: by the id, else by a name that is only theirs."""

import pytest

from recbook._core.refusals import Refused
from recbook.lms import Person, Student, letters, matched


def people(*given):
    return [Person(name, id, tuple(logins), row)
            for row, (name, id, *logins) in enumerate(given, start=1)]  # fmt: skip


def rows(found):
    return {key: person.row for key, person in found.of.items()}


def test_the_id_decides_among_namesakes():
    found = matched(
        [Student("Li Wei", "22345"), Student("Li Wei", "32345")],
        people(("Li Wei", "32345"), ("Li Wei", "22345"), ("Bob", "7")),
    )
    assert rows(found) == {("Li Wei", "22345"): 2, ("Li Wei", "32345"): 1}
    assert [person.name for person in found.absent] == ["Bob"]
    assert not found.unknown


@pytest.mark.parametrize(
    "name",
    ["Ada Byron", "byronada", "ADABYRON", "abyron", "ab@uni.example", "ab", "S1"],
)
def test_without_an_id_a_name_or_a_login_does(name):
    listed = people(("Byron, Ada", "5", "abyron", "S1", "ab@uni.example"))
    assert rows(matched([Student(name)], listed)) == {(name, ""): 1}


def test_a_name_that_may_be_another_s_is_nobody_s():
    listed = people(("Li, Wei", "1"), ("Li, Wei", "2"), ("Bob", "3"))
    found = matched([Student("liwei"), Student("bob")], listed)
    assert rows(found) == {("bob", ""): 3}
    assert [student.name for student in found.unknown] == ["liwei"]
    # Two files that may both be Bob's.
    assert not matched([Student("bob"), Student("Bob", "77")], listed[2:]).of
    # The row that an id has taken is not given away by a name.
    taken = matched([Student("Bob", "3"), Student("bob")], listed)
    assert rows(taken) == {("Bob", "3"): 3}
    assert [student.key for student in taken.unknown] == [("bob", "")]


def test_a_student_without_letters_is_nobody():
    assert not matched([Student("!!!")], people(("", "1", "--"))).of


def test_groups_and_blind_marking_stand_in_the_way_of_no_id():
    """Moodle puts the group in front, and "Participant" for an anonymous student."""
    students = [Student("Group A-Ada Byron", "1"), Student("Participant", "2")]
    found = matched(students, people(("Ada Byron", "1"), ("Bob", "2")))
    assert (len(found.of), found.otherwise) == (2, [])


def test_the_list_of_another_assignment_is_refused():
    """Moodle numbers participants anew in each assignment."""
    students = [Student("Ada", "1"), Student("Bob", "2"), Student("Cid", "3")]
    with pytest.raises(Refused, match="id 1 is Ada in the folder and Bob in the class"):
        matched(students, people(("Bob", "1"), ("Cid", "2"), ("Cid", "3")))
    found = matched(students, people(("Ada", "1"), ("Robert", "2"), ("Cid", "3")))
    assert [(s.name, p.name) for s, p in found.otherwise] == [("Bob", "Robert")]
    assert len(found.of) == 3


def test_letters_are_compared_in_any_script_and_form():
    assert letters("Zoë") == letters("Zoe\u0308") == letters("ZOE")
    assert letters("李 伟") != letters("李 娜")
