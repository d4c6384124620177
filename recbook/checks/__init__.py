r"""Exercises that mark themselves: ``recbook.check("2.1-cosine", answer)``.

Each part of the book has a folder here, and each chapter a module in it, named as in
``chapters/``: the checks of ``chapters/2-neighbours/user-cf.ipynb`` are in
``recbook/checks/neighbours/user_cf.py``, and those by pencil, where they are many, in
``user_cf_by_pencil.py``. How to write one::

    import numpy as np
    from recbook import similarity
    from recbook.checks import exercise, exercise_function, exercise_value, same

    # A function, compared with a reference on unseen inputs: tuples of arguments.
    def tables():
        rng = np.random.default_rng(7)
        return [(rng.integers(0, 6, (4, 5)), k) for k in (1, 2, 3)]
    exercise_function("2.1-cosine", similarity.cosine, tables, what="S")

    # The same, with messages for what readers often do instead.
    slips = {"that is Pearson's: nothing is centred here": similarity.pearson}
    exercise_function("2.1-all", similarity.cosine, tables, what="S", slips=slips)

    # A number, string, list or array, compared with a computed reference.
    slips = {"degrees are asked for, not radians": lambda: np.arccos(0.8)}
    angle = lambda: np.degrees(np.arccos(0.8))
    exercise_value("2.1-angle", angle, atol=0.05, slips=slips)

    # With other numbers for each student; {variant}`2.1-share.seen` is one in the text.
    share = lambda seen, all: seen / all
    exercise_value("2.1-share", share, numbers={"seen": [3, 4, 6], "all": [8, 10, 16]})

    # Anything else: return None where right, else a message of one line.
    @exercise("2.1-model")
    def model(answer):
        for table, expected in ...:
            if problem := same(answer(table), expected, "the model's rating"):
                return problem

    # A quick question, whose answer is a letter, with a line for each letter.
    choice("2-q1", right="b", a="too small. See 2.1.", b="both agree. See 2.1.")

A check tries a function on at least two inputs that the reader has not seen and that
have different answers, so that a hard-coded answer fails; it never prints what is
expected. It tries the small inputs first, and ``recbook.checks.last()`` returns the one
that failed. A value names at least two slips. What is said of a slip is one sentence:
what was done, or what is asked for, without the answer, as the page shows it as a hint.
A plain function arrives *guarded*: each call gets copies of its arguments, and changing
one of them, raising, or returning None is reported. Other callables (a class, a method)
go through `call`.

With "zh" in the variable ``RECBOOK_LANGUAGE`` the line printed is
in Chinese, as far as ``zh.csv`` beside this file has it: each line of a check wants a
row there, English and Chinese, with {} for what varies. A line without one stays
English, and so do records.

The chapters' modules are imported at the first use of ``check`` or ``ids``; keep
tensorflow, matplotlib and pandas out of their top level.
"""

from recbook.checks.choices import choice
from recbook.checks.compare import same
from recbook.checks.guard import call, last
from recbook.checks.registry import (
    check,
    exercise,
    exercise_function,
    exercise_value,
    ids,
    numbers,
)
from recbook.checks.titles import contents
from recbook.checks.variants import set_number

__all__ = [
    "check",
    "last",
    "ids",
    "contents",
    "numbers",
    "set_number",
    "exercise",
    "exercise_function",
    "exercise_value",
    "choice",
    "same",
    "call",
]
