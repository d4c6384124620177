"""Marking a class: start the judges, give them files, and replace those that end."""

import concurrent.futures
import queue
import time

from recbook.mark import fence
from recbook.mark.files import SUSPICION
from recbook.mark.kernels import places
from recbook.mark.limits import CLOCK
from recbook.mark.processes import Helper
from recbook.mark.wire import Broken
from recbook.mark.workplace import installed, package, workplace

START = 300  # seconds that a judge may take to load all checks, on a busy machine
SLACK = 90  # seconds that a judge may be late with a file
SPOILT = "files that Python loads were changed; install them again, and mark again"
CHANGED = f"{SUSPICION}: while it was marked, files of recbook were changed"
WANTED = fence.ALL  # what is to be shut to students; a test wants less


class Judge:
    """A process that marks files, with the channel to it.

    Parameters
    ----------
    work : Path
        The folder where the class is marked.
    """

    def __init__(self, work):
        self.helper = Helper("recbook.mark.judge", work, WANTED)

    def ready(self):
        """Wait until it is, and return the parts of ``fence.ALL`` that it can do."""
        return self.helper.channel.receive(time.monotonic() + START)["ready"]

    def mark(self, order):
        """Return the marks and notes of one file."""
        self.helper.channel.send(order)
        return self.helper.channel.receive(
            time.monotonic() + 2 * CLOCK * order["seconds"] + SLACK
        )

    def close(self):
        """End it."""
        self.helper.close()


class Bench:
    """All judges; each is ready before the first file runs.

    Parameters
    ----------
    work : Path
        The folder where the class is marked.
    n : int
        How many.
    """

    def __init__(self, work, n):
        self.work, self.parts, self.changed = work, None, False
        self.ended = []  # the files that a judge was marking when it was ended
        self.judges = queue.SimpleQueue()
        for judge in [Judge(work) for _ in range(n)]:
            # No file has run yet, so a judge that is late may be started again.
            self.judges.put(self._ready(judge) or self._ready(Judge(work)))
        self.parts = self.parts or []
        self.before, self.installed = self._files(), self._installed()

    def _ready(self, judge):
        """Return a judge that is ready, or None where it cannot be."""
        try:
            shut = judge.ready()
        except Broken:
            judge.close()
            return None
        known = fence.ALL if self.parts is None else self.parts
        self.parts = [part for part in known if part in shut]
        return judge

    def _files(self):
        """Return digests of recbook's files; None behind a fence, which guards them."""
        if fence.FILES in self.parts:
            return None
        return package(*places(), self.work / "kernels")

    def _installed(self):
        return None if fence.FILES in self.parts else installed()

    def look(self):
        """Whether files of recbook have changed since the first file was marked."""
        self.changed = self.changed or self._files() != self.before
        return self.changed

    def _spoilt(self):
        """Whether a file that a new judge would load has changed since then."""
        return self.look() or self._installed() != self.installed

    def mark(self, sheet, order, nobody):
        """Return the marks and the notes of a file."""
        judge = self.judges.get()
        try:
            # A judge that starts now would load what a file has left there.
            if judge is None and self._spoilt():
                return nobody, [f"not marked: {SPOILT}"]
            judge = judge or self._ready(Judge(self.work))
            if judge is None:
                raise Broken("no judge can be started")
            own = {name: getattr(sheet, name) for name in ("cells", "books", "number")}
            done = judge.mark(order | own)
            return done["marks"], [*done["notes"], *self._doubts()]
        except Broken:
            if judge:
                judge.close()
            judge = None
            self.ended.append(sheet.file)
            return nobody, ["not marked: the process that marks it was ended"]
        finally:
            self.judges.put(judge)

    def _doubts(self):
        """Return a note where a file without a fence may have changed what follows."""
        if not self.ended or fence.FILES in self.parts:
            return []
        return [
            f"{SUSPICION}: an earlier file, {self.ended[0]!r}, killed a marking process"
        ]

    def close(self):
        """End them all."""
        while not self.judges.empty():
            if judge := self.judges.get():
                judge.close()


def mark_all(sheets, ids, seconds=60, memory=4, jobs=2, told=None):
    """Yield (place, marks, notes) of each sheet, as they are done.

    Parameters
    ----------
    sheets : list of Sheet
        As from ``collect``.
    ids : list of str
        What is marked, for all the same.
    seconds, memory : float
        That a file may take: of the processor, and GiB.
    jobs : int
        Files at once.
    told : list, optional
        Takes what is not shut to the files here, in a sentence.

    Examples
    --------
    >>> from recbook.lms import Student
    >>> from recbook.mark import Sheet
    >>> list(mark_all([Sheet(Student("Ada"), "empty.ipynb")], ["2.2-pull"]))
    [(0, {'2.2-pull': [False, 'not handed in']}, [])]
    """
    nobody = {id: [False, "not handed in"] for id in ids}
    running = {}
    for place, sheet in enumerate(sheets):
        if sheet.cells:
            running[place] = sheet
        else:
            yield place, nobody, []
    if not running:
        return
    order = {"ids": ids, "seconds": seconds, "memory": memory}
    told_of = False
    with workplace() as work:
        bench = Bench(work, min(jobs, len(running)))
        if told is not None:
            told += fence.open_doors(bench.parts)
        try:
            with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                waiting = {
                    pool.submit(bench.mark, sheet, order, nobody): place
                    for place, sheet in running.items()
                }
                for done in concurrent.futures.as_completed(waiting):
                    marks, notes = done.result()
                    if bench.look() and not told_of:
                        notes, told_of = [*notes, CHANGED], True
                    yield waiting[done], marks, notes
        finally:
            bench.close()
