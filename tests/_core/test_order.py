"""What a result stands on: all that comes before it, and nothing that comes after."""

import pytest

from recbook._core import order


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A small package in the order of recbook, whose files may be changed."""
    for part in order.ORDER:
        folder = tmp_path / part
        folder.mkdir()
        (folder / "__init__.py").write_text(f"# {part}")
    (tmp_path / "ratings.py").write_text("# a part may be a file")
    (tmp_path / "__init__.py").write_text("# the face")
    monkeypatch.setattr(order, "PACKAGE", tmp_path)
    return tmp_path


@pytest.mark.parametrize("edited", ["_core", "ratings.py", "similarity", "linear"])
def test_what_comes_before_makes_a_result_stale(copy, edited):
    before = order.fingerprint("linear")
    path = copy / edited if edited.endswith(".py") else copy / edited / "new.py"
    path.write_text("# changed")
    assert order.fingerprint("linear") != before


@pytest.mark.parametrize("edited", ["deep", "factorization", "leaderboard", "checks"])
def test_what_comes_after_or_beside_does_not(copy, edited):
    before = order.fingerprint("linear")
    (copy / edited / "__init__.py").write_text("# changed")
    assert order.fingerprint("linear") == before
    assert order.fingerprint(edited) != order.fingerprint("linear")


def test_all_families_stand_below_what_uses_them():
    assert set(order.before("leaderboard")) >= order.SIBLINGS
    assert order.before("grade")[-1] == "grade"


def test_a_moved_file_is_a_changed_one(copy):
    before = order.fingerprint("linear")
    (copy / "linear" / "__init__.py").rename(copy / "linear" / "models.py")
    assert order.fingerprint("linear") != before
