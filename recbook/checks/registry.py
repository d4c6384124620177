"""The exercises that are known, and how an answer is marked."""

import difflib
import functools
import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable

import numpy as np

from recbook.checks.compare import same
from recbook.checks.guard import (
    Problem,
    TooLong,
    at_most,
    call,
    describe,
    ease,
    forget,
    guarded,
    reader_error,
    remember,
)
from recbook.checks.language import translated
from recbook.checks.variants import Variants, current, whole

__all__ = [
    "check",
    "exercise",
    "exercise_function",
    "exercise_value",
    "ids",
    "numbers",
    "variants_of",
]

# id -> a function: the answer -> None where it is right, or a message
REGISTRY: dict[str, Callable] = {}
# name of a chapter's module -> the exception of its import
FAILED: dict[str, Exception] = {}
# id -> whether the last answer to it was right; a page of the book ticks by it
VERDICTS: dict[str, bool] = {}
SECONDS = 60  # an answer that takes longer does not end, for all that one can tell
MANY = 5  # arguments of a case, of which one cannot see which is which
UNFILLED = "not filled in yet: put your answer in place of the dots, then run again"
PRINTED = "that is the answer for the printed numbers: take those of your number"


def check(id, answer, number=None) -> bool:
    """Mark the answer to one exercise and print one line about it.

    Parameters
    ----------
    id : str
        The exercise, as in its starter cell.
    answer : object
        What the reader made: a function, a number, an array, a string.
    number : int, optional
        The reader's number, for an exercise that has variants; without it, that of
        ``recbook.checks.set_number``, or 0, which has the printed numbers.

    Returns
    -------
    bool
        True where the answer is right. The line printed begins with "right" then, and
        says what is off otherwise, never what was expected. Nothing is raised, and an
        answer that still runs after a minute is stopped. ``recbook.checks.last()`` has
        the arguments with which a function went wrong.

    Examples
    --------
    >>> check("no-such-exercise", 1)
    unknown exercise 'no-such-exercise'; recbook.checks.ids() lists them all
    False
    """
    forget()
    message = _verdict(id, answer, number)
    VERDICTS[str(id)] = message is None
    if message is None:
        forget()
    print(_one_line(translated(_right(id) if message is None else message)))
    return message is None


def ids() -> list[str]:
    """All exercise ids, sorted.

    Raises
    ------
    ImportError
        If a module of checks cannot be imported.

    Examples
    --------
    >>> ids() == sorted(REGISTRY)
    True
    """
    _load()
    for name, error in FAILED.items():
        raise ImportError(f"{name}: {error}") from error
    return sorted(REGISTRY)


def exercise(id, *, slips=None):
    """Register the decorated function as the check of one exercise.

    Parameters
    ----------
    id : str
        ``<chapter number>-<word>``, as "2.1-cosine"; each id once.
    slips : dict, optional
        Message -> slip, of those that the check names by itself: a page has them as
        hints.

    Returns
    -------
    decorator
        Its function takes the answer, and returns None where that is right and a
        message of one line where it is not.

    Raises
    ------
    ValueError
        If a check has this id already.

    Examples
    --------
    >>> @exercise("0.0-double")
    ... def double(answer):
    ...     for x in (2, 5):
    ...         if problem := same(answer(x), 2 * x, f"the double of {x}"):
    ...             return problem
    >>> check("0.0-double", lambda x: 4)
    the double of 5 is off: you have 4
    False
    >>> check("0.0-double", lambda x: x + x)
    right
    True
    >>> _ = REGISTRY.pop("0.0-double")
    """

    def register(function):
        if id in REGISTRY:
            raise ValueError(f"exercise id {id!r} is taken: give it a word of its own")
        if slips:
            function.slips = slips
        REGISTRY[id] = function
        return function

    return register


def exercise_function(
    id, reference, cases, what="your result", atol=1e-8, *, slips=None, then=None
):
    """Register an exercise whose answer is a function, by a reference function.

    Parameters
    ----------
    id : str
        The exercise.
    reference : callable
        Gives the expected value of each case.
    cases : list, or callable that returns one
        At least two cases with different answers, each a tuple of arguments (or one
        argument that is not a tuple). A callable is called at each check, not before.
        Small cases are tried first, as they are easier to look at.
    what : str
        Names the value in messages.
    atol : float
        Greatest absolute difference that passes.
    slips : dict, optional
        Message -> a function that is wrong as a reader's may be. The message is shown
        in place of the usual one where that function explains every case that is off,
        those aside where the reader has NaN, unless there is no other.
    then : callable, optional
        A further check of an answer whose values are right, as for ``exercise``.

    Examples
    --------
    >>> import math
    >>> slips = {"the product is asked for": sum}
    >>> exercise_function("0.0-product", math.prod, [[1, 2], [4, 5]], slips=slips)
    >>> check("0.0-product", lambda values: 3)
    with ([1, 2]): your result is off: you have 3
    False
    >>> check("0.0-product", lambda values: values[0] + values[1])
    the product is asked for
    False
    >>> check("0.0-product", lambda values: values[0] * values[1])
    right
    True
    >>> _ = REGISTRY.pop("0.0-product")
    """

    def compare(answer):
        if not callable(answer):
            return f"a function is asked for, this is a {type(answer).__name__}"
        for case in compare.cases():
            got = call(answer, *case)
            if problem := same(got, reference(*case), what, atol):
                message = slip_made(answer) if slips else None
                remember(case)
                return message or _with(case, answer, problem)
        return then(answer) if then else None

    def slip_made(answer):
        try:
            results = [(case, call(answer, *case)) for case in compare.cases()]
        except Problem:  # it raises in a case that comes later
            return None
        off = [(x, got) for x, got in results if same(got, reference(*x), what, atol)]
        off = [(x, got) for x, got in off if not _has_nan(got)] or off
        with np.errstate(all="ignore"):  # a slip may divide by zero as the reader did
            for message, slip in slips.items():
                if not any(same(got, slip(*case), what, atol) for case, got in off):
                    return message
        return None

    def tuples():
        listed = cases() if callable(cases) else cases
        listed = [case if isinstance(case, tuple) else (case,) for case in listed]
        return sorted(listed, key=ease)

    compare.cases, compare.reference, compare.slips = tuples, reference, slips or {}
    exercise(id)(compare)


def _has_nan(got):
    """True for a result with NaN, which may be a second mistake, in an empty case."""
    try:
        return bool(np.isnan(got).any())
    except (TypeError, ValueError):  # a text, or parts of unlike shapes
        return False


def exercise_value(
    id,
    reference,
    what="your answer",
    atol=1e-8,
    *,
    slips=None,
    numbers=None,
    where=None,
):
    """Register an exercise whose answer is a value: a number, string, list or array.

    Parameters
    ----------
    id : str
        The exercise.
    reference : callable
        Computes the expected value: without arguments, or of the ``numbers``.
    what, atol
        As in ``exercise_function``; a pencil answer deserves a wider ``atol``. With a
        list of them each number of the answer has its own. It, too, may be a function
        of the ``numbers``.
    slips : dict, optional
        Message -> a function of the same arguments that is wrong as a reader may be.
        Its value gets the message, in which the right one is not; of several numbers,
        if the slip explains all that are off.
    numbers : dict, optional
        The numbers of the text that differ between students: name -> values, the
        printed one first. In the text, ``{variant}`` stands in their place.
    where : callable, optional
        Of the ``numbers``: whether they are as sensible and as hard as those printed.
        Variants with the answer of another, or of a slip, or with two slips alike, are
        left out anyway.

    Examples
    --------
    >>> slips = {"the other way round: one for all": lambda: 3 / 1}
    >>> exercise_value("0.0-third", lambda: 1 / 3, atol=0.005, slips=slips)
    >>> check("0.0-third", 0.33)
    right
    True
    >>> check("0.0-third", 3)
    the other way round: one for all
    False
    >>> check("0.0-third", "a third")
    your answer is a str; a number is asked for
    False
    >>> _ = REGISTRY.pop("0.0-third")

    >>> exercise_value("0.0-sum", lambda a, b: a + b, numbers={"a": [2, 3], "b": [1]})
    >>> check("0.0-sum", 4, number=17)
    right
    True
    >>> _ = REGISTRY.pop("0.0-sum")
    """
    slips = slips or {}

    def problem_of(answer, own):
        """What is wrong with an answer, and the slip that it is, if it is one."""
        right, near = reference(**own), atol(**own) if callable(atol) else atol
        if not (problem := same(answer, right, what, near)):
            return None
        wrongs = {message: slip(**own) for message, slip in slips.items()}
        return _slip_of(answer, wrongs, right, near) or problem

    def mark_of(own):
        """What tells a variant from others, by its answer; None where it is unfit."""
        if where is not None and not where(**own):
            return None
        if any(problem_of(slip(**own), own) != m for m, slip in slips.items()):
            return None
        return tuple(np.rint(np.ravel(reference(**own)) / np.multiply(compare.atol, 2)))

    def compare(answer, number=0):
        problem = problem_of(answer, variants.of(number) if number else printed)
        if problem and number and problem_of(answer, printed) is None:
            return PRINTED
        return problem

    def value(number=0):
        return reference(**(variants.of(number) if number else printed))

    variants = Variants(id, numbers, mark_of) if numbers else None
    printed = variants.printed if variants else {}
    compare.value, compare.what, compare.variants = value, what, variants
    compare.atol = atol(**printed) if callable(atol) else atol
    compare.slips = {m: functools.partial(slip, **printed) for m, slip in slips.items()}
    exercise(id)(compare)


def variants_of(id):
    """Return the ``Variants`` of an exercise, None where all have the same numbers."""
    _load()
    return getattr(REGISTRY.get(id), "variants", None)


def numbers(id, number=None) -> dict:
    """Return the numbers that an exercise has for a student.

    Parameters
    ----------
    id : str
        The exercise, as in its starter cell.
    number : int, optional
        As in ``check``.

    Returns
    -------
    dict
        Name -> value, as the text of the exercise has them for this number. Empty where
        all students have the same.

    Raises
    ------
    ValueError
        If there is no such exercise, or ``number`` is none.

    Examples
    --------
    >>> from recbook import checks
    >>> checks.numbers("6.1-errors")
    {'customers': 2000, 'orders_with': 120, 'orders_without': 90}
    >>> checks.numbers("6.1-errors", number=17) == checks.numbers("6.1-errors")
    False
    """
    _load()
    if id not in REGISTRY:
        raise ValueError(_unknown(id))
    number = current() if number is None else whole(number)
    variants = variants_of(id)
    return dict(variants.of(number)) if variants else {}


def _slip_of(answer, wrongs, right, atol):
    """What is said of the slip that an answer is, or whose numbers are off in it."""
    for message, wrong in wrongs.items():
        if same(answer, wrong, atol=_reach(wrong, right, atol)) is None:
            return message
    for message, wrong in wrongs.items():
        mixed = _where_off(answer, wrong, right, atol)
        if mixed is not None and same(answer, mixed, atol=atol) is None:
            return message
    return None


def _where_off(answer, wrong, right, atol):
    """A slip's numbers where an answer is off, and the right ones elsewhere.

    None where there are not several numbers.

    >>> _where_off([1.0, 7.0], [5.0, 7.0], [1.0, 2.0], 0.01).tolist()
    [1.0, 7.0]
    """
    try:
        rows = [np.asarray(row, dtype=float) for row in (answer, wrong, right)]
    except (TypeError, ValueError):
        return None
    if rows[0].ndim != 1 or len({row.shape for row in rows}) > 1:
        return None
    return np.where(np.abs(rows[0] - rows[2]) > atol, rows[1], rows[2])


def _reach(wrong, right, atol):
    """How far an answer may be from a slip's value, to be taken for it.

    As far as from the right one, in parts of its size: per cent have fewer decimals. Of
    what is small, a tenth may be rounded off; 0 has no parts.

    >>> float(_reach(100.0, 1.0, 0.005)), float(_reach(0.04, 4.0, 0.005))
    (0.5, 0.004)
    """
    try:
        sizes = [np.abs(value).max() for value in (wrong, right)]
    except (TypeError, ValueError):  # not numbers
        return atol
    if not all(sizes):
        return atol
    part = sizes[0] / sizes[1]
    return np.maximum(np.multiply(atol, part), np.minimum(atol, sizes[0] / 10))


def _with(case, answer, problem, width=150):
    """A problem with its case, or how to get the case where it does not fit a line.

    Of many arguments each has the name that it has in the reader's function.
    """
    names = _names(answer, len(case)) if len(case) >= MANY else [""] * len(case)
    for most in (24, 8):
        told = (name + describe(x, most) for name, x in zip(names, case, strict=True))
        written = ", ".join(told)
        if len(written) <= width and " of shape (" not in written:
            return f"with ({written}): {problem}"
    return f"{problem}; recbook.checks.last() has the input"


def _names(function, count):
    """["a=", "b="] for a function of a and b, empty where it takes any arguments."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[:count]
    except (TypeError, ValueError):
        parameters = []
    named = [p for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    return [f"{p.name}=" for p in named] if len(named) == count else [""] * count


def _verdict(id, answer, number):
    """None where the answer is right, a message otherwise."""
    _load()
    if not isinstance(id, str) or id not in REGISTRY:
        return _unknown(id)
    try:
        number = current() if number is None else whole(number)
    except ValueError as error:
        return str(error)
    blanks = answer if isinstance(answer, tuple | list) else [answer]
    if any(blank is None or blank is ... for blank in blanks):
        return UNFILLED
    try:
        with at_most(SECONDS):
            drawn = [number] if variants_of(id) else []
            return REGISTRY[id](guarded(answer), *drawn)
    except TooLong:
        return f"your code still runs after {SECONDS} s: does a loop of it never end?"
    except Problem as problem:
        return str(problem)
    except (Exception, SystemExit) as error:
        return reader_error(error)


def _right(id):
    """What is said of a right answer: why it is right, where the check says so."""
    why = getattr(REGISTRY[id], "why", None)
    return f"right: {why}" if why else "right"


def _unknown(id):
    close = difflib.get_close_matches(str(id), REGISTRY, n=3)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    broken = "".join(f"; {m} failed: {e}" for m, e in FAILED.items())
    return (
        f"unknown exercise {str(id)!r}"
        + (hint or "; recbook.checks.ids() lists them all")
        + broken
    )


@functools.cache
def _load():
    """Import the module of every chapter; a broken one harms only its own exercises."""
    here = os.path.dirname(__file__)
    for module in pkgutil.walk_packages([here], f"{__package__}."):
        if module.ispkg or module.name.count(".") < 3:
            continue  # only recbook.checks.<part of the book>.<chapter>
        try:
            importlib.import_module(module.name)
        except Exception as error:
            FAILED[module.name] = error


def _one_line(message, width=300):
    line = " ".join(str(message).split())
    return line if len(line) <= width else line[: width - 1] + "…"
