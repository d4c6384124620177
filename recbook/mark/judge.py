"""Marks files, one after another, in a process that runs no code of a student.

A student's process sends each answer as plain data. Where it is a function, the check
gets a stand-in for it: a call sends the arguments over and takes the result. So the
references, the comparison and the verdict are out of reach of what is marked.
"""

import contextlib
import functools
import io
import keyword
import signal
import socket
import sys
import time

import numpy as np

from recbook.checks import check, registry
from recbook.checks.guard import Problem, TooLong
from recbook.checks.registry import ids
from recbook.mark.faults import Faults
from recbook.mark.kernels import freeze
from recbook.mark.limits import CLOCK, shield
from recbook.mark.processes import Nursery
from recbook.mark.student import ENDLESS
from recbook.mark.wire import Broken, Channel, Late, pack, unpack

GRACE = 3  # seconds that a cell may be late before all of its process is stopped
MOST_RESTARTS = 3
MOST_UNKNOWN = 5  # ids of which a note says that they are none
# It has the names and loops of the student's function, for checks that rule them out.
STAND_IN = """
def answer(*args, **kwargs):
    if never:
        ({names})
    {loop}
    return called(args, kwargs)
"""


class Marking:
    """The marks of one file.

    Parameters
    ----------
    order : dict
        "cells", "ids", "books", "seconds" and "memory", as the command sends it.
    """

    def __init__(self, order):
        self.order = order
        self.marks = {}  # id -> [right, line]
        self.faults = Faults(order)
        self.notes = []
        self.unknown = []  # notes of ids that are no exercise
        self.cell = None
        self.codes = []  # of the answer's functions: names, and whether there is a loop
        self.channel = None
        self.gone = None  # why the student's process can be asked no more
        self.cell_seconds = order["seconds"] / 4

    def run(self, nursery):
        """Mark the file, once more without the cell that ended all, where one did."""
        deadline = time.monotonic() + CLOCK * self.order["seconds"]
        cells = self.order["cells"]
        for _ in range(1 + MOST_RESTARTS):
            began = time.monotonic()
            nursery.prepare()
            deadline += time.monotonic() - began  # where a student had it killed
            culprit = self._once(nursery, cells, deadline)
            errors = self.faults.errors
            slow = [n for n, words in errors.items() if words.startswith(ENDLESS)]
            left = [cell for cell in cells if cell[0] not in (culprit, *slow)]
            if (
                culprit is None
                or time.monotonic() > deadline
                or len(left) == len(cells)
            ):
                break
            cells = left
        unmarked = [id for id in self.order["ids"] if id not in self.marks]
        marks = self.marks | {id: [False, self.faults.line(id)] for id in unmarked}
        return {"marks": marks, "notes": [*self.notes, *self.faults.notes(unmarked)]}

    def _once(self, nursery, cells, deadline):
        """Run the cells; return the number of the one that ended the process."""
        order = {
            "cells": cells,
            "ids": self.order["ids"],
            "cell_seconds": self.cell_seconds,
            "processor": self.order["seconds"],
            "memory": self.order["memory"],
        }
        self.cell, self.gone = None, None
        self.faults.again(number for number, *_ in cells)
        with nursery.student(order) as (self.channel, ending):
            try:
                while "end" not in (message := self._next(deadline)):
                    self._take(message)
                return None
            except Late:
                why = self._stopped() if time.monotonic() >= deadline else "stopped"
            except Broken:
                why = ""
        out_of_time = ending[0] == -signal.SIGXCPU
        why = why or (self._stopped() if out_of_time else _fate(ending[0]))
        self.faults.ended[self.cell] = why
        return self.cell

    def _stopped(self):
        return f"stopped after {self.order['seconds']:g} s"

    def _next(self, deadline):
        cell = time.monotonic() + CLOCK * self.cell_seconds + GRACE
        return self.channel.receive(min(deadline, cell))

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
        elif "error" in message:
            number, text = message["error"]
            self.faults.errors[self._number(number)] = str(text)[:300]
        elif "again" in message:
            self.faults.errors.clear()
        elif "check" in message:
            self.codes = message.get("codes", [])
            id = str(message["check"])
            self._judge(id, message.get("answer"))
            if self.gone is not None:
                raise self.gone
            self.channel.send({"marked": id in self.order["ids"]})

    def _number(self, value):
        """Return the number of a cell, or raise where somebody forged it."""
        if value not in self.faults.cells:
            raise Broken("no number of a cell")
        return value

    def _judge(self, id, packed):
        """Mark an answer; the last one of an id is what counts."""
        if id not in self.order["ids"]:
            self._note_unknown(id)
            return
        if id in self.marks and packed in (None, {"dots": None}):
            return  # a blank that was left over replaces no answer
        try:
            answer = unpack(packed, self._stand_in)
        except Broken:
            self.marks[id] = [False, "your answer is no plain value"]
            return
        line = io.StringIO()
        with contextlib.redirect_stdout(line):
            right = check(id, answer)
        self.marks[id] = [bool(right), line.getvalue().strip()]

    def _note_unknown(self, id):
        """Tell of an id that is no exercise, once, and of the first few only."""
        note = f"it checks {id[:40]!r}, which is no exercise"
        new = id not in ids() and note not in self.unknown
        if new and len(self.unknown) < MOST_UNKNOWN:
            self.unknown.append(note)
            self.notes.append(note)

    def _stand_in(self, place):
        """Return a function that has the student's process call its own."""
        names, loops = self.codes[place] if place < len(self.codes) else ([], False)
        names = [str(name) for name in names if str(name).isidentifier()]
        source = STAND_IN.format(
            names=", ".join(n for n in names if not keyword.iskeyword(n)),
            loop="for _ in never: pass" if loops else "",
        )
        space = {"never": (), "called": functools.partial(self._called, place)}
        exec(source, space)
        answer = space["answer"]
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
