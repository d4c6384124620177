"""A student's process: run the cells, send answers, and answer calls of functions.

It decides nothing. What is right is known in another process only, whose checks and
references are never loaded here.
"""

import ast
import codeop
import contextlib
import linecache
import re
import sys
import threading
import traceback
import types
from unittest import mock

import numpy as np

import recbook
from recbook.checks.guard import Problem, TooLong, at_most, call
from recbook.checks.inside import measured_peak, used_by, without_loop
from recbook.checks.variants import whole
from recbook.mark.limits import CLOCK
from recbook.mark.slices import Names, Walk, needs_of, parsed
from recbook.mark.wire import pack, unpack

ANSWER_SECONDS = 20  # of the processor, for one call of an answer
ENDLESS = "still runs after"
# What a check may want of a function: what it returns, or how much memory it holds.
WAYS = {"result": call, "peak": measured_peak}
# Magics of IPython whose cell, or line, holds code to run all the same.
_TIMED_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_TIMED = re.compile(r"^(\s*)%time\b[^\S\n]*(?:--?[a-z][\w-]*[^\S\n]+)*", re.MULTILINE)
_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$", re.MULTILINE)
_SHELL = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*$", re.MULTILINE)


def without_magics(source):
    r"""Return the code of a cell that Python alone can run; no shell is ever started.

    >>> without_magics("%matplotlib inline\nx = 1")
    'pass\nx = 1'
    >>> without_magics("%%bash\nrm -r *"), without_magics("%%time\nx = 1")
    ('', '\nx = 1')
    >>> without_magics("x = (7\n     % 2)")
    'x = (7\n     % 2)'
    """
    with contextlib.suppress(SyntaxError):
        ast.parse(source)
        return source
    if source.lstrip().startswith("%%") and not _TIMED_CELL.match(source.lstrip()):
        return ""
    source = re.sub(r"\A\s*%%.*", "", source) if "%%" in source[:80] else source
    source = _TIMED.sub(r"\1", source)
    return _MAGIC.sub(r"\1pass", _SHELL.sub(r"\1None", source))


class Recorder:
    """Stands in for ``recbook.check``: sends each answer, then calls it for the judge.

    Parameters
    ----------
    channel : Channel
        To the judge.
    seconds : float
        That a cell may take.
    """

    def __init__(self, channel, seconds):
        self.channel, self.seconds = channel, seconds
        self.answer_seconds = min(seconds, ANSWER_SECONDS)
        self.busy = False
        self.number = 0  # of the student, as the file claims
        self.unmarked = set()  # ids that the judge does not ask for

    def set_number(self, number):
        """Claim a number, for all answers that follow."""
        self.number = whole(number)

    def numbers(self, id, number=None):
        """Return the numbers of an exercise, which the judge knows."""
        if not self._is_free():
            raise RuntimeError("numbers are asked for by the main thread only")
        claimed = self.number if number is None else whole(number)
        self.channel.send({"numbers": str(id)[:200], "number": claimed})
        return self.channel.receive()["numbers"]

    def _is_free(self):
        """Whether a message can be sent: by the main thread, or messages would mix."""
        main = threading.current_thread() is threading.main_thread()
        return main and not self.busy

    def check(self, id, answer, number=None):
        """Hand in an answer. Always True: what it is worth is not told here."""
        id = str(id)[:200]
        if id in self.unmarked or not self._is_free():
            return True
        claimed = self.number if number is None else whole(number)
        self.busy = True
        try:
            functions = []
            with _at_most(self.answer_seconds):
                packed = pack(answer, functions)
            with _at_most(10**6):  # a message is never cut in two by the cell's alarm
                codes = [_code_of(function) for function in functions]
                answer = {"check": id, "answer": packed, "codes": codes}
                self.channel.send(answer | {"number": claimed})
                while "call" in (order := self.channel.receive()):
                    self.channel.send(self._answered(order, functions))
                if not order["marked"]:
                    self.unmarked.add(id)
        finally:
            self.busy = False
        return True

    def _answered(self, order, functions):
        """Call one of the student's functions as the judge asks, and say what came."""
        try:
            with _at_most(self.answer_seconds):
                return self._called(order, functions)
        except TooLong:
            after = f"{ENDLESS} {self.answer_seconds:.0f} s"
            return {"problem": f"your code {after}: does a loop of it never end?"}
        except Problem as problem:
            return {"problem": str(problem)[:1000]}
        except BaseException as error:  # whatever it is, only this answer is lost
            return {"problem": f"your code raises {type(error).__name__}"}

    def _called(self, order, functions):
        function, way = functions[order["call"]], WAYS[order["way"]]
        with np.errstate(**order["errstate"]):
            result = way(function, *unpack(order["args"]), **unpack(order["kwargs"]))
        return {"value": pack(result, functions)}


def _at_most(seconds):
    """Limit the seconds of the processor, since a busy machine is nobody's fault."""
    return at_most(seconds, CLOCK * seconds)


def _code_of(function):
    """Return the names that a function uses, and whether it loops.

    A check may rule out a loop or a package, so it must see them in the stand-in.
    """
    names = {part for name in used_by(function) for part in name.split(".")}
    return [sorted(names)[:200], without_loop(function) is not None]


def _install(recorder):
    """Put the recorder in the place of ``recbook.check``, and forget the checks."""
    for name in [n for n in sys.modules if n.startswith("recbook.checks")]:
        del sys.modules[name]
    stub = types.ModuleType("recbook.checks", "Takes answers while they are marked.")
    stub.check, stub.ids, stub.last = recorder.check, list, _last
    stub.set_number, stub.numbers = recorder.set_number, recorder.numbers
    sys.modules["recbook.checks"] = recbook.checks = stub
    recbook.check = recorder.check


def _last():
    """Stand in for ``recbook.checks.last``, and do as after a right answer."""
    raise LookupError("while a file is marked, nobody is told what was wrong")


def run(cells, roots, channel, seconds):
    """Run some of the cells and those that they need, and hand in what they check.

    Parameters
    ----------
    cells : list of [number, source, may_raise]
        An error ends only its statement. The first of a cell is reported; whether it
        matters is for the judge.
    roots : list of int
        Numbers of the cells to be run.
    channel : Channel
        To the judge.
    seconds : float
        That a cell may take.
    """
    recorder = Recorder(channel, seconds)
    _install(recorder)
    cells = [[number, without_magics(code)] for number, code, _ in cells]
    places = [place for place, (number, _) in enumerate(cells) if number in roots]
    kept = with_needs([code for _, code in cells], places)
    cells = [cells[place] for place in kept]
    space = {"__name__": "__main__", "display": lambda *_, **__: None}
    space["get_ipython"] = mock.MagicMock()  # takes any call, and does nothing
    for number, source in cells:
        channel.send({"cell": number})
        if error := _run_cell(number, source, space, seconds):
            channel.send({"error": [number, error]})
    answers = space.get("ANSWERS")
    for id in list(answers) if isinstance(answers, dict) else ():
        with contextlib.suppress(TooLong):
            recorder.check(id, answers[id])
    channel.send({"end": None})


def with_needs(sources, places):
    """Return the places of some cells, and of those that they or ``ANSWERS`` need.

    Where a cell may leave a name as it was, what made the name before is needed, too.
    It is all places where code cannot be read: it is too deep, or a number too long.

    >>> cells = ["import numpy as np", "slow()", "def f(x): return np.abs(x)", "f(2)"]
    >>> with_needs([*cells, "ANSWERS = {'2.2-pull': 3}"], [3])
    [0, 2, 3, 4]
    """
    try:
        read = [_with_reads(source) for source in sources]
        *slices, of_answers = needs_of([*read, "ANSWERS"])
    except (RecursionError, MemoryError, ValueError):
        return list(range(len(sources)))
    return sorted(
        {*places, *of_answers.needs, *(n for p in places for n in slices[p].needs)}
    )


def _with_reads(source):
    r"""Return a cell's code that first reads what an ``if`` or a ``try`` may make.

    >>> _with_reads("for x in rows:\n    if x > 2: k = x")
    'k\nfor x in rows:\n    if x > 2: k = x'
    """
    tree = parsed(source)
    if tree is None or "__future__" in source:  # which must come first
        return source
    walk = _Cautious(Names())
    walk.block(tree.body)
    return "\n".join([*sorted(walk.names.binds - walk.bound), source])


class _Cautious(Walk):
    """Assume that nothing of what is tried succeeds, where a failure is caught."""

    def compound(self, node):
        before = set(self.bound)
        super().compound(node)
        if getattr(node, "handlers", ()):
            self.bound = before


def _run_cell(number, source, space, seconds):
    """Run one cell, and return its first error in a few words, or None."""
    name = f"<cell {number}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    compiled, wrong = codeop.Compile(), []  # it keeps what a cell has of __future__
    try:
        with _at_most(seconds):
            for statement in ast.parse(source, name).body:
                try:
                    exec(compiled(ast.Module([statement], []), name, "exec"), space)
                except TooLong:
                    raise
                except NotImplementedError:  # how nbgrader leaves a blank
                    pass
                except BaseException as error:
                    wrong.append(_in_words(error, name))
            if plots := sys.modules.get("matplotlib.pyplot"):
                plots.close("all")
    except TooLong:
        return f"{ENDLESS} {seconds:.0f} s"
    except BaseException as error:
        wrong.append(_in_words(error, name))
    return wrong[0] if wrong else None


def _in_words(error, name):
    """Return an error's type and message, and the line of the cell of that name."""
    try:
        if isinstance(error, SyntaxError) and error.filename == name:
            words, number = f"{type(error).__name__}: {error.msg}", error.lineno
        else:
            words = f"{type(error).__name__}: {error}"
            frames = traceback.extract_tb(error.__traceback__)
            number = next((f.lineno for f in frames[::-1] if f.filename == name), None)
        if number is None:
            return words[:200]
        line = linecache.getline(name, number).strip()[:60]
        return f"{words[:200]} (line {number}{': ' + line if line else ''})"
    except TooLong:
        raise
    except BaseException:
        return "an error that cannot be printed"
