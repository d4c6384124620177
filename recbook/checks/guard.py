"""Calls of a reader's code that do no harm: copied arguments, reported errors."""

import contextlib
import copy
import ctypes
import dataclasses
import functools
import inspect
import linecache
import math
import numbers
import os
import queue
import signal
import sys
import threading
import time
import traceback

import numpy as np
from scipy import sparse

_HERE = os.path.dirname(__file__)
_ONE_THREAD = sys.platform == "emscripten"
_LATEST: list[tuple] = []  # arguments of the latest call of a reader's function


class Problem(Exception):
    """What is off in an answer, as one line for the reader."""


class Patient(np.random.Generator):
    """A generator that stops a sampler which would draw for ever.

    Parameters
    ----------
    seed : int
        As of ``np.random.default_rng``.
    left : int
        How often it lets itself be asked.

    Examples
    --------
    >>> Patient(0, left=1).random() == np.random.default_rng(0).random()
    True
    """

    def __init__(self, seed, left):
        super().__init__(np.random.PCG64(seed))
        self._left = left

    def __deepcopy__(self, memo):
        """The copy that a function gets has no more patience."""
        return self

    def __getattribute__(self, name):
        """Count, whatever of it is asked for."""
        if not name.startswith("_"):
            self._left -= 1
            if self._left < 0:
                raise Problem(
                    "it draws again and again: for somebody who has rated nearly "
                    "everything, or everything, that need not end"
                )
        return super().__getattribute__(name)


class TooLong(BaseException):
    """No ``except Exception`` of a reader's loop holds this back."""


def call(function, *args, **kwargs):
    """Call a reader's function with copies of the arguments.

    Parameters
    ----------
    function : callable
        The reader's.
    *args, **kwargs
        Its arguments; arrays, sparse matrices and tables stay untouched.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    Problem
        If the function raises, returns None, or changes an argument in place. ``check``
        turns it into the line that the reader sees.

    Examples
    --------
    >>> call(sorted, [2, 1])
    [1, 2]
    >>> call(list.sort, [2, 1])
    Traceback (most recent call last):
    recbook.checks.guard.Problem: your function changed its argument 1: work on a copy
    """
    remember(args)
    copies = copy.deepcopy((args, kwargs))
    try:
        result = function(*copies[0], **copies[1])
    except Problem:
        raise
    except (Exception, SystemExit) as error:
        raise Problem(reader_error(error, function)) from error
    for name, before, after in _pairs(args, kwargs, *copies):
        if not alike(before, after):
            raise Problem(f"your function changed its argument {name}: work on a copy")
    if result is None or result is ...:
        raise Problem(
            "your function returns None: replace its dots, and end it with a return"
        )
    return result


def remember(args):
    """Keep the arguments of a call for ``last``, and forget those before."""
    _LATEST[:] = [args]


def forget():
    """Leave nothing for ``last`` to return."""
    _LATEST.clear()


def last() -> tuple:
    """The arguments with which the last check found a function at fault.

    With ``f`` the function that was checked, ``f(*recbook.checks.last())`` is the call
    that went wrong, to be looked at step by step.

    Returns
    -------
    tuple
        A copy: changing it does no harm.

    Raises
    ------
    LookupError
        If the last check was of a right answer, or of one that is no function.

    Examples
    --------
    >>> from recbook import check, checks
    >>> check("2.2-pull", lambda w, e, reg: 0.0)
    with (array([0.8859]), array([-1.4]), 3.0): the move is off: you have 0
    False
    >>> w, e, reg = checks.last()
    >>> float(reg)
    3.0
    """
    if not _LATEST:
        raise LookupError(
            "the last check found no function at fault: check one, then ask again"
        )
    return copy.deepcopy(_LATEST[0])


@contextlib.contextmanager
def at_most(seconds, clock=None):
    """Raise ``TooLong`` in what still runs after ``seconds`` of waiting.

    With ``clock``, the seconds are those of the processor, which another program does
    not take away, and ``clock`` is how long it may take at most. An alarm of the system
    ends waiting, too. Where none can be set, on Windows and beside the main thread,
    another thread ends what Python itself runs. A page has neither: it has *Stop*.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        with contextlib.nullcontext() if _ONE_THREAD else _watched(seconds, clock):
            yield
        return

    def ring(number, frame):
        raise TooLong

    with contextlib.ExitStack() as stack:
        if clock is not None:
            stack.enter_context(_alarm(signal.ITIMER_PROF, "SIGPROF", seconds, ring))
        stack.enter_context(
            _alarm(signal.ITIMER_REAL, "SIGALRM", clock or seconds, ring)
        )
        yield


@contextlib.contextmanager
def _alarm(timer, name, seconds, ring):
    """Let a timer of the system ring; the one that it had waits meanwhile."""
    number = getattr(signal, name)
    handler = signal.signal(number, ring)
    # Again each second, should a bare except of the reader's have swallowed the first.
    before = signal.setitimer(timer, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(timer, *before)
        signal.signal(number, handler)


@contextlib.contextmanager
def _watched(seconds, clock):
    """Let another thread raise ``TooLong`` in this one."""
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    own, over = ctypes.c_ulong(threading.get_ident()), queue.SimpleQueue()
    begun, used = time.monotonic(), time.process_time()

    def watch():
        pause = min(seconds, 0.1)
        while not _told(over, pause):
            late = time.monotonic() - begun > (clock or seconds)
            late |= clock is not None and time.process_time() - used > seconds
            if late:
                raise_in(own, ctypes.py_object(TooLong))
                pause = 1  # and again each second, as the alarm of the system does

    watcher = threading.Thread(target=watch, daemon=True)
    try:
        watcher.start()
        yield
    finally:
        try:  # what it raised last may arrive here, but not within this first call
            over.put(None)
            watcher.join()
        except TooLong:
            watcher.join()
        raise_in(own, None)


def _told(over, seconds):
    """Return whether something came within the seconds."""
    with contextlib.suppress(queue.Empty):
        over.get(timeout=seconds)
        return True
    return False


def guarded(answer):
    """A plain function wrapped in ``call``; anything else as it is."""
    if not inspect.isfunction(answer):
        return answer
    return functools.wraps(answer)(functools.partial(call, answer))


def reader_error(error, function=None):
    """One line about an exception: type, message, and the reader's line of code."""
    if isinstance(error, NotImplementedError):
        return "not filled in yet: put your code in place of the dots, then run again"
    frame = _reader_frame(error, function)
    text = f"your code raises {type(error).__name__}: {error}"
    if frame is None:
        return text
    line = (frame.line or linecache.getline(frame.filename, frame.lineno)).strip()
    return f"{text} (line {frame.lineno}{': ' + line if line else ''})"


def _reader_frame(error, function):
    """The innermost frame in the reader's file: that of the function, if known."""
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(inspect.unwrap(function), "__code__", None) if function else None
    if code is not None:
        frames = [f for f in frames if f.filename == code.co_filename]
    else:
        frames = [f for f in frames if not f.filename.startswith(_HERE)]
    return frames[-1] if frames else None


def _pairs(args, kwargs, args_after, kwargs_after):
    for place, pair in enumerate(zip(args, args_after, strict=True), start=1):
        yield place, *pair
    for name in kwargs:
        yield name, kwargs[name], kwargs_after[name]


def alike(a, b):
    """True if two objects hold the same data, or if their kind cannot be compared."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if sparse.issparse(a):
        return a.shape == b.shape and alike(a.toarray(), b.toarray())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if dataclasses.is_dataclass(a):
        names = [field.name for field in dataclasses.fields(a)]
        return all(alike(getattr(a, name), getattr(b, name)) for name in names)
    if hasattr(a, "equals"):  # pandas
        return bool(a.equals(b))
    if isinstance(a, numbers.Number | str | set):
        return bool(a == b or a != a)  # NaN is alike to itself
    return True


def ease(case):
    """Sorts cases by how easy they are to look at: small ones first, empty ones last.

    >>> sorted([(np.eye(3), 4), ([1, 2],), (np.array([]), 4)], key=ease)[0]
    ([1, 2],)
    """
    sizes = [_size(argument) for argument in case]
    return min(sizes, default=0) == 0, sum(sizes)


def _size(value):
    if isinstance(value, np.ndarray) or sparse.issparse(value):
        return math.prod(value.shape)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if isinstance(value, list | tuple | set):
        return sum(map(_size, value))
    if dataclasses.is_dataclass(value):
        return sum(map(_size, vars(value).values()))
    return getattr(value, "size", 1)  # a table of pandas; else one thing


def describe(value, most=24):
    """An argument in a few words, for the message about a case.

    An array of up to ``most`` numbers is written out, in a form that can be pasted.

    Examples
    --------
    >>> describe(np.eye(2, dtype=int)), describe(4), describe("cosine")
    ('array([[1, 0], [0, 1]])', '4', "'cosine'")
    >>> describe(np.eye(2), most=3)
    'an array of shape (2, 2)'
    """
    if isinstance(value, np.ndarray):
        if value.size > most:
            return f"an array of shape {value.shape}"
        rounded = np.round(value, 4) if value.dtype.kind == "f" else value
        return f"array({rounded.tolist()})"
    if sparse.issparse(value):
        return f"a sparse matrix of shape {value.shape}"
    if isinstance(value, np.generic):
        value = value.item()
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
