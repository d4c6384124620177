"""Code names: stable, secret, and one for each."""

from recbook.grade.code_names import FIRST, SECOND, code_names


def test_the_same_each_week_whoever_else_hands_in():
    ann, bob, cy = ("ann", ""), ("bob", "7"), ("cy", "")
    first, second = code_names([ann, bob], b"secret"), code_names([cy, bob], b"secret")
    assert first[bob] == second[bob]
    assert first[bob] != code_names([bob], b"another secret")[bob]
    assert len(set(first.values())) == 2


def test_namesakes_and_collisions_are_told_apart():
    keys = [("Li Wei", str(number)) for number in range(3000)]
    names = code_names(keys, b"secret")
    assert len(set(names.values())) == len(keys), "more keys than pairs of words"
    assert len(FIRST.split()) == len(SECOND.split()) == 48
    assert len(set(FIRST.split())) == len(set(SECOND.split())) == 48
