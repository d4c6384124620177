"""What the tests of the checks share."""

from recbook.checks import check


def verdict(capsys, id, answer):
    """The result and the one line printed."""
    result = check(id, answer)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("right") == result
    return result, lines[0]
