"""The process that marks files, one after another, and runs no code of a student.

A student's process sends each answer as plain data. For a function, the check gets a
stand-in: a call of it sends the arguments over and returns the result that comes back.
So a student's code can reach neither the references nor the comparison nor the verdict.
"""

import contextlib
import copy
import functools
import io
import signal
import socket
import sys
import time

import numpy as np

from recbook.checks import check, numbers, registry
from recbook.checks.choices import is_choice
from recbook.checks.guard import Problem, TooLong
from recbook.checks.registry import ids, variants_of
from recbook.checks.variants import whole
from recbook.mark.faults import Faults
from recbook.mark.files import SUSPICION
from recbook.mark.kernels import freeze
from recbook.mark.limits import CLOCK, shield
from recbook.mark.processes import Nursery
from recbook.mark.stand_ins import stand_in
from recbook.mark.student import ENDLESS
from recbook.mark.wire import Broken, Channel, Late, pack, unpack

GRACE = 3  # seconds that a cell may be late before its whole process is stopped
MOST_RESTARTS = 3
# Words in the line of an exercise that nobody has begun.
BLANK = ("not filled in yet", "your function returns None")
MOST_UNKNOWN = 5  # notes on ids that are no exercise


class Marking:
    """The marks of one file.

    Parameters
    ----------
    order : dict
        "cells", "ids", "books", "seconds" and "memory", as the command sends it.
    """

    def __init__(self, order):
        self.order = order
        self.cells = order["cells"]  # without those that ended a process
        self.ran = set()  # numbers of cells
        self.wanted = order["ids"]  # of which an answer is marked
        self.marks = {}  # id -> [right, line]
        self.waiting = {}  # id -> the answer and the number, until the process ends
        self.claimed = set()  # numbers of the student that the file names itself
        self.blank = set()  # ids of which the last answer is blank
        self.faults = Faults(order)
        self.notes = []
        self.unknown = []  # notes of ids that are no exercise
        self.cell = None
        self.codes = []  # of the answer's functions: names, and whether there is a loop
        self.channel = None
        self.gone = None  # the error after which no more is asked of the process
        self.cell_seconds = order["seconds"] / 4

    def run(self, nursery):
        """Run the cells that answers stand on, and mark the answers.

        What is right so is right. Before an answer is wrong, all cells that are the
        student's own run, too: one of them may have changed something unseen. So do
        those of the book that make a name which was missing.
        """
        self.deadline = time.monotonic() + CLOCK * self.order["seconds"]
        self._run_cells(nursery, roots=self._answering())
        own = {number for number, *_ in self.cells}.difference(self.faults.books)
        doubtful = self._doubtful()
        own |= self.faults.makers_of_missing(line for _, line in self.marks.values())
        if doubtful and own - self.ran and time.monotonic() < self.deadline:
            self._run_own(nursery, own, doubtful)
        if self.claimed:
            claims = " and ".join(map(str, sorted(self.claimed)[:5]))
            self.notes.append(
                f"marked by the numbers of {claims}, which it names itself"
            )
        unmarked = [id for id in self.order["ids"] if id not in self.marks]
        marks = self.marks | {id: [False, self.faults.line(id)] for id in unmarked}
        return {"marks": marks, "notes": [*self.notes, *self.faults.notes(unmarked)]}

    def _run_own(self, nursery, own, doubtful):
        """Mark the doubtful ids again, with all of the student's own cells."""
        marks, faults, self.wanted = dict(self.marks), self.faults, doubtful
        self.faults = copy.deepcopy(faults)
        self._run_cells(nursery, roots=own.union(self._answering()))
        if self.marks == marks:
            self.faults = faults  # what went wrong in the other cells is no matter
        # It may be a second guess, so that a teacher should look at the code.
        for id in doubtful:
            if id in marks and self.marks[id][0]:
                self.notes.append(
                    f"{SUSPICION}: {id} was wrong at first ({marks[id][1]}), "
                    "and right in a second run with all cells"
                )

    def _answering(self):
        """Return the cells that call a check, claim a number, or name an id."""
        chapters = {f"{id.partition('-')[0]}-" for id in self.order["ids"]}
        words = ["check(", "set_number(", *chapters]
        return [n for n, source, _ in self.cells if any(w in source for w in words)]

    def _doubtful(self):
        """Return the ids whose answer is wrong, or got lost in a cell that has it.

        A wrong letter stays wrong: it stands on no cell, and a second guess may hit.
        """
        done = {id for id, (is_right, _) in self.marks.items()
                if is_right or is_choice(id)}  # fmt: skip
        named = {id for id, cells in self.faults.holders.items() if cells}
        tried = (named | self.marks.keys()) - self.blank
        return [id for id in self.order["ids"] if id in tried - done]

    def _run_cells(self, nursery, roots):
        """Run cells and what they need, again without one that ended the process."""
        for _ in range(1 + MOST_RESTARTS):
            began = time.monotonic()
            nursery.prepare()
            self.deadline += time.monotonic() - began  # if a student had it killed
            culprit = self._once(nursery, roots)
            errors = self.faults.errors
            slow = [n for n, words in errors.items() if words.startswith(ENDLESS)]
            left = [cell for cell in self.cells if cell[0] not in (culprit, *slow)]
            late = time.monotonic() > self.deadline
            if culprit is None or late or len(left) == len(self.cells):
                break
            self.cells = left

    def _once(self, nursery, roots):
        """Run cells in one process; return the number of the one that ended it."""
        order = {
            "cells": self.cells,
            "roots": list(roots),
            "cell_seconds": self.cell_seconds,
            "processor": self.order["seconds"],
            "memory": self.order["memory"],
        }
        self.cell, self.gone = None, None
        with nursery.student(order) as (self.channel, ending):
            why = self._listen()
        self._judge_waiting()
        if why is None:
            return None
        out_of_time = ending[0] == -signal.SIGXCPU
        why = why or (self._stopped() if out_of_time else _fate(ending[0]))
        self.faults.ended[self.cell] = why
        return self.cell

    def _listen(self):
        """Take all messages of a process; return None, or why there are no more."""
        try:
            while "end" not in (message := self._next()):
                self._take(message)
            return None
        except Late:
            late = time.monotonic() >= self.deadline
            return self._stopped() if late else "stopped"
        except Broken:
            return ""

    def _stopped(self):
        return f"stopped after {self.order['seconds']:g} s"

    def _next(self):
        cell = time.monotonic() + CLOCK * self.cell_seconds + GRACE
        return self.channel.receive(min(self.deadline, cell))

    def _take(self, message):
        """Take a message of the student's process, which may have forged anything."""
        try:
            self._obey(message)
        except Broken:
            raise
        except Exception as error:
            raise Broken(f"no message: {type(error).__name__}") from error

    def _obey(self, message):
        if "cell" in message:
            self.cell = self._number(message["cell"])
            self.ran.add(self.cell)
            self.faults.errors.pop(self.cell, None)  # of an earlier run
        elif "error" in message:
            number, text = message["error"]
            self.faults.errors[self._number(number)] = str(text)[:300]
        elif "check" in message:
            self.codes = message.get("codes", [])
            id = str(message["check"])
            self._hear(id, message.get("answer"), self._number_of(message))
            if self.gone is not None:
                raise self.gone
            # Of self.wanted it hears nothing: these are the ids that were wrong.
            self.channel.send({"marked": id in self.order["ids"]})
        elif "numbers" in message:
            id, number = str(message["numbers"]), self._number_of(message)
            own = numbers(id, number) if id in ids() else {}
            self.channel.send({"numbers": own})

    def _number_of(self, message):
        """Return the student's number: the teacher's, or else what the file claims."""
        known = self.order.get("number")
        return whole(message.get("number", 0)) if known is None else known

    def _number(self, value):
        """Return the number of a cell, or raise ``Broken`` where it is forged."""
        if value not in self.faults.cells:
            raise Broken("no number of a cell")
        return value

    def _hear(self, id, packed, number):
        """Mark an answer at once where it holds a function, else after the process.

        A right value is marked faster than a wrong one: a process that could time it
        would try one value after the other.
        """
        try:
            unpack(packed)
        except Broken:
            self.waiting.pop(id, None)
            self._judge(id, packed, number)
            return
        if id not in self.wanted:
            self._note_unknown(id)
        elif id not in self.waiting or not _is_blank(packed):
            self.waiting[id] = packed, number

    def _judge_waiting(self):
        """Mark the values, of which nothing can be told to the process any more."""
        waiting, self.waiting = self.waiting, {}
        for id, answer in waiting.items():
            self._judge(id, *answer)

    def _judge(self, id, packed, number=0):
        """Mark an answer; the last one of an id is what counts."""
        if id not in self.wanted:
            self._note_unknown(id)
            return
        if id in self.marks and _is_blank(packed):
            return  # a starter that was left below an answer does not replace it
        try:
            answer = unpack(packed, self._stand_in)
        except Broken:
            self.marks[id] = [False, "your answer is no plain value"]
            return
        line = io.StringIO()
        with contextlib.redirect_stdout(line):
            right = check(id, answer, number)
        self.marks[id] = [bool(right), line.getvalue().strip()]
        if number and self.order.get("number") is None and variants_of(id):
            self.claimed.add(number)
        is_blank = any(words in self.marks[id][1] for words in BLANK)
        self.blank = self.blank | {id} if is_blank else self.blank - {id}

    def _note_unknown(self, id):
        """Note an id that is no exercise: once each, and the first few only."""
        note = f"it checks {id[:40]!r}, which is no exercise"
        new = id not in ids() and note not in self.unknown
        if new and len(self.unknown) < MOST_UNKNOWN:
            self.unknown.append(note)
            self.notes.append(note)

    def _stand_in(self, place):
        """Return a function whose calls the student's process answers."""
        names, loops = self.codes[place] if place < len(self.codes) else ([], False)
        answer = stand_in(names, loops, functools.partial(self._called, place))
        answer.peak = lambda *args: self._called(place, args, {}, "peak")
        return answer

    def _called(self, place, /, args, kwargs, way="result"):
        order = {"call": place, "way": way, "errstate": np.geterr()}
        reply = self._exchange(order | {"args": pack(args), "kwargs": pack(kwargs)})
        if "problem" in reply:
            raise Problem(str(reply["problem"]))
        try:
            return unpack(reply["value"], self._stand_in)
        except Exception:
            raise Problem("what your function returns is no plain value") from None

    def _exchange(self, order):
        """Send a call and return the reply."""
        try:
            if self.gone is None:
                self.channel.send(order)
                patience = CLOCK * self.cell_seconds + GRACE
                return self.channel.receive(time.monotonic() + patience)
        except (Broken, TooLong) as error:
            self.gone = error if isinstance(error, Broken) else Late("too long")
        raise Problem("your function ended the process, or never came back")


def _is_blank(packed):
    return packed in (None, {"dots": None})


def _fate(status):
    """Say how a process ended."""
    if status is None or status in (0, 1, -signal.SIGKILL):
        return "ended the process"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"ended the process ({signal.Signals(-status).name})"
    return f"ended the process (exit status {status})"


def main(order):
    """Serve the command at the other end of an open connection.

    Parameters
    ----------
    order : dict
        As ``Helper`` gives it.
    """
    shield()
    registry.SECONDS *= CLOCK  # it waits for a process that has its own limits
    command = Channel(socket.socket(fileno=order["number"]))
    nursery = Nursery(order["work"], order["parts"])
    ids()  # all checks are in memory before the first line of a student runs
    freeze()
    try:
        nursery.prepare()
        sys.dont_write_bytecode = True
        command.send({"ready": nursery.parts})
        while True:
            command.send(Marking(command.receive()).run(nursery))
    except Broken:
        pass  # the command has ended
    finally:
        nursery.close()
