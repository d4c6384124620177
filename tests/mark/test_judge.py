"""What the judge makes of messages and of answers, without a process of a student."""

import pytest

from recbook.mark.judge import Marking
from recbook.mark.wire import Broken

ORDER = {"cells": [], "ids": ["2.2-leak"], "seconds": 8, "memory": 1}
FORGED = [
    {"error": 5},
    {"error": [1]},
    {"error": [{}, "x"]},
    {"cell": None},
    {"check": "2.2-leak", "codes": 3},  # and nobody takes the reply
]


@pytest.mark.parametrize("message", FORGED, ids=range(len(FORGED)))
def test_a_forged_message_ends_its_sender_and_no_judge(message):
    with pytest.raises(Broken):
        Marking(ORDER)._take(message)
