"""What an answer is made of: for checks that rule out a loop or a package.

They read the compiled code. Python can hide code from such a look, by ``exec``, or in a
library that calls back: what is ruled out is for the reader's own good, and no fence.
"""

import contextlib
import dis
import functools
import inspect
import itertools
import tracemalloc
import types

import numpy as np

from recbook.checks.guard import call

MOST = 1000  # parts of an answer that are looked at
# Functions that loop over the reader's own, or run code that nobody can look into.
_LOOPS = {"map", "reduce", "vectorize", "frompyfunc", "apply_along_axis"}
_HIDDEN = {"exec", "eval"}


def without(package):
    """A further check of right values: a function that uses a package is sent back.

    Examples
    --------
    >>> then = without("numpy")
    >>> then(lambda x: np.sqrt(x))
    'the values are right: now without numpy'
    >>> then(lambda x: x**0.5)
    """

    def then(answer):
        own = __package__  # a reference that a test hands in
        used = [name for name in used_by(answer) if not name.startswith(own)]
        if any(f"{name}.".startswith(f"{package}.") for name in used):
            return f"the values are right: now without {package}"
        return None

    return then


def without_loop(answer):
    """A further check of right values: a loop of the function's own sends it back.

    A helper of the reader's belongs to it, and ``map`` is a loop, too.

    >>> without_loop(lambda values: [2 * x for x in values])
    'the values are right: now without a loop'
    >>> without_loop(lambda values: 2 * values)
    """
    parts = parts_of(answer)
    codes = [code for part in parts for code in codes_of(part)]
    steps = [step.opname for code in codes for step in dis.get_instructions(code)]
    loop = any(name == "FOR_ITER" or "BACKWARD" in name for name in steps)
    loop |= any(isinstance(part, np.vectorize) for part in parts)
    used = used_by(answer)
    hidden = (_LOOPS | _HIDDEN) & used
    if not used & {"functools", "_functools"}:
        hidden -= {"reduce"}  # that of np.add is no loop of the reader's
    return "the values are right: now without a loop" if loop or hidden else None


def peak_of(answer, *args):
    """Bytes that an answer holds at most, beyond its arguments.

    While answers are marked, an answer stands for a function of another process, and
    its ``peak`` asks that process to measure.
    """
    function = bare(answer)  # the guard copies arguments
    ask = getattr(function, "peak", None)
    return ask(*args) if ask else measured_peak(function, *args)


def measured_peak(function, *args):
    """Bytes that a function of this process holds at most, beyond its arguments.

    >>> 1000 < measured_peak(bytes, 1000) < 2000
    True
    """
    peak = []

    @functools.wraps(function, updated=())
    def measured(*copies):
        traced = tracemalloc.is_tracing()
        if not traced:
            tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        try:
            result = function(*copies)
            peak.append(tracemalloc.get_traced_memory()[1] - before)
        finally:
            if not traced:
                tracemalloc.stop()
        return result

    call(measured, *args)
    return peak[0]


def bare(answer):
    """The reader's own function, which a guard may stand around.

    >>> bare(abs) is abs
    True
    """
    is_guard = isinstance(answer, functools.partial) and answer.func is call
    return answer.args[0] if is_guard else answer


def used_by(answer):
    """The names that an answer's code uses, and the modules that they come from."""
    names = set()
    for part in filter(inspect.isfunction, parts_of(answer)):
        own = {name for code in codes_of(part) for name in code.co_names}
        names |= own | {home_of(value) for value in _values(part, own)}
    return names


def home_of(thing):
    """The module that a thing is, or comes from."""
    if inspect.ismodule(thing):
        return thing.__name__
    return str(getattr(thing, "__module__", None) or type(thing).__module__)


def parts_of(answer):
    """The callables of an answer: itself, all it wraps, and its helpers.

    Helpers are functions beside it that it names, keeps, or has as a default.

    >>> def double(x): return 2 * x
    >>> len(parts_of(double)), len(parts_of(functools.partial(double)))
    (1, 2)
    """
    found, waiting, seen = [], [(answer, None)], set()
    for thing, beside in itertools.islice(waiting, MOST):  # which grows meanwhile
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        is_function = inspect.isfunction(thing)
        if is_function and beside is not None and thing.__globals__ is not beside:
            continue  # a library's
        found.append(thing)
        if is_function:
            names = {name for code in codes_of(thing) for name in code.co_names}
            waiting += [(v, thing.__globals__) for v in _values(thing, names)]
        waiting += [(part, beside) for part in _parts(thing)]
    return found


def codes_of(function):
    """The compiled code of a plain function, and of those that stand inside it."""
    inside = [function.__code__] if inspect.isfunction(function) else []
    for code in inside:  # which grows meanwhile
        inside += [inner for inner in code.co_consts if inspect.iscode(inner)]
    return inside


def _values(function, names):
    """What the names of a function stand for, as far as it can be called or imported.

    Beside its globals these are what it took from around it, and its defaults.
    """
    space, values = function.__globals__, []
    values += [space[name] for name in sorted(names & space.keys())]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # it is empty
            values.append(cell.cell_contents)
    values += [
        *(function.__defaults__ or ()),
        *(function.__kwdefaults__ or {}).values(),
    ]
    return [v for v in values if callable(v) or inspect.ismodule(v)]


def _parts(thing):
    """What a callable stands for: the function of a method, what a wrapper wraps."""
    parts = []
    with contextlib.suppress(Exception):  # an object may answer with any error
        parts.append(thing.__wrapped__)
    if isinstance(thing, functools.partial):
        parts += [thing.func, *thing.args, *thing.keywords.values()]
    elif isinstance(thing, np.vectorize):
        parts.append(thing.pyfunc)
    elif inspect.ismethod(thing):
        parts.append(thing.__func__)
    elif not inspect.isfunction(thing) and not inspect.isclass(thing):
        parts.append(type(thing).__call__)
    slot = types.WrapperDescriptorType  # of what is written in C
    return [
        p for p in parts if callable(p) and p is not call and not isinstance(p, slot)
    ]
