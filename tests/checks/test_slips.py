"""What is said of a value that is often given in place of the right one."""

import re

import numpy as np
import pytest
from verdicts import verdict

from recbook import checks
from recbook.checks.compare import decimals, same
from recbook.checks.registry import REGISTRY

VALUES = [id for id in checks.ids() if hasattr(REGISTRY[id], "value")]
NUMBER = re.compile(r"[-−]?(?:\d[\d,]*)?\.?\d+")
CLOSE = 1e-6  # to a number in a message, which is exact


def told(id):
    return [(id, message) for message in getattr(REGISTRY[id], "slips", {})]


def rounded(value, atol):
    """A value with the decimals that a pencil would write."""
    if isinstance(value, dict) or np.min(atol) < 1e-4:
        return value
    atols = np.resize(atol, np.shape(value) or 1)
    rows = zip(np.ravel(value), np.ravel(atols), strict=True)
    written = [round(float(x), max(0, decimals(most))) for x, most in rows]
    return written if np.shape(value) else written[0]


def numbers_of(value):
    parts = value.values() if isinstance(value, dict) else np.ravel(value)
    return [float(part) for part in parts if not isinstance(part, str)]


def answers_of(id):
    """The numbers of the right answer, in all variants."""
    check_of = REGISTRY[id]
    variants = getattr(check_of, "variants", None)
    numbers = range(len(variants.table)) if variants else ()
    values = [check_of.value(), *map(check_of.value, numbers)]
    return {part for value in values for part in numbers_of(value)}


def test_every_value_names_mistakes():
    assert len(VALUES) > 80
    assert not [id for id in VALUES if len(told(id)) < 2]


@pytest.mark.parametrize("id", VALUES)
def test_a_slip_gets_its_own_message(id, capsys):
    """So no two are alike, and none is right; with the decimals asked for, too."""
    for message, slip in REGISTRY[id].slips.items():
        wrong = slip()
        assert verdict(capsys, id, wrong) == (False, message)
        short = rounded(wrong, getattr(REGISTRY[id], "atol", 0))
        if same(short, wrong, atol=np.max(numbers_of(wrong)) / 10) is None:
            assert verdict(capsys, id, short) == (False, message)


@pytest.mark.parametrize(("id", "message"), [row for id in VALUES for row in told(id)])
def test_a_message_is_one_sentence_without_the_answer(id, message):
    assert len(message) <= 150
    assert not re.search(r"[.!?]\s", message)
    assert not message.endswith(".")
    written = [x.replace(",", "").replace("−", "-") for x in NUMBER.findall(message)]
    shown = np.array([float(x) for x in written])
    for part in answers_of(id):
        assert not np.any(np.abs(shown - part) <= CLOSE + 5e-4 * abs(part)), message


@pytest.mark.parametrize("id", VALUES)
def test_the_right_answer_has_the_decimals_of_a_pencil(id, capsys):
    value = REGISTRY[id].value()
    assert verdict(capsys, id, value)[0]
    assert verdict(capsys, id, rounded(value, getattr(REGISTRY[id], "atol", 0)))[0]
