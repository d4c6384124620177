"""The form of a job: which files and fields it has, and the report that it makes."""

import datetime
import time
import warnings

from recbook._core import progress as bars
from recbook.orders import Orders
from recbook.orders.reading import TooLargeError
from recbook.report.again import TABLES
from recbook.report.files import contents
from recbook.report.form import calls, fields
from recbook.report.form.opening import open_file
from recbook.report.form.stages import overall
from recbook.report.form.words import in_the_page
from recbook.report.making import File, make_report, settings_of
from recbook.report.options import reads_orders
from recbook.report.wording import number, whole

__all__ = ["Form"]

ERRORS = (ValueError, TypeError, ArithmeticError, OSError, LookupError)


class Form:
    """One job with the reader's files, for a page.

    All that goes in and comes out can be carried by JSON, less the bytes of files. No
    method raises for what a reader's file or choice holds: each says it in a sentence.

    Parameters
    ----------
    job : str
        "recommend", "customer_value", "targeting", "experiment" or "off_policy".

    Examples
    --------
    >>> form = Form("experiment")
    >>> rows = "".join(f"{n};{'BA'[n % 2]};{'NY'[n % 3 % 2]}\\n" for n in range(600))
    >>> data = f"Kunde;Gruppe;Gekauft\\n{rows}".encode()
    >>> form.open("frame", "test.csv", data)["rows"]
    600
    >>> values = {one["name"]: one["value"] for one in form.fields()}
    >>> values["unit"], values["group"], values["outcome"]
    ('Kunde', ['Gruppe', 'B'], ['Gekauft', 'Y'])
    >>> made = form.make(values)
    >>> made["fine"], sorted(made["files"])
    (True, ['numbers.json', 'report.html'])
    """

    def __init__(self, job):
        if job not in TABLES:
            raise ValueError(f"job must be one of {', '.join(TABLES)}, got {job!r}")
        self.job = job
        self._files = {}
        self._orders = None  # what the values of a receipt made, and the log itself

    def slots(self):
        """Return the files that the job takes, the needed ones first."""
        return fields.slots(self.job)

    def open(self, slot, name, data):
        """Read a file; return its preview, or a sentence that says why it cannot be.

        Parameters
        ----------
        slot : str
            Of :meth:`slots`.
        name : str
            The file's own name.
        data : bytes
            Its content.
        """
        self._files.pop(slot, None)
        self._orders = None
        try:
            opened = open_file(name, bytes(data))
        except TooLargeError as reason:
            return self._no(f"{reason}; {calls.elsewhere(self.job, slot, name)}")
        except MemoryError:
            return self._no_memory(slot, name)
        except ERRORS as reason:
            return self._no(str(reason))
        self._files[slot] = opened
        return {
            "fine": True,
            "rows": len(opened.cells),
            "columns": list(opened.facts),
            "preview": opened.preview(),
            "said": opened.said() + fields.said_of_dates(self.job, opened),
        }

    def close(self, slot):
        """Forget the file of a slot."""
        self._files.pop(slot, None)
        self._orders = None

    def fields(self):
        """Return what the job asks for, guessed where the files tell it."""
        return fields.fields(self.job, self._files)

    def receipt(self, values):
        """Return the rows of the receipt of orders as text, else none."""
        if not reads_orders(self.job) or TABLES[self.job][0] not in self._files:
            return []
        try:
            orders = self._log(calls.given(self.job, self._files, values))
        except (*ERRORS, MemoryError):  # make() says why
            return []
        rows = orders.receipt.itertuples(name=None)
        return [[in_the_page(step)[0].rstrip("."), whole(n), _money(amount)]
                for step, n, amount in rows]  # fmt: skip

    def make(self, values, progress=None):
        """Return the report as HTML and files, or a sentence and the field it is about.

        Parameters
        ----------
        values : dict
            By the name of a field: text of a column or number, [column, label], a list
            of columns; empty or None for none.
        progress : callable, optional
            Is called now and then with a share, 0 to 1, and with what is done.
        """
        start = time.perf_counter()
        given = {}
        try:
            self._check_files()
            given = calls.given(self.job, self._files, values)
            with bars.heard(overall(self.job, progress)), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = self._made(given)
        except MemoryError:
            return self._no_memory(*self._first(), given)
        except ERRORS as reason:
            return self._no(*in_the_page(str(reason), calls.names_of(self.job)))
        return {
            "fine": True,
            "refused": bool(made.refused),
            "decision": made.decision,
            "html": made._repr_html_(),
            "files": contents(made, datetime.date.today()),
            "command": calls.command_of(made),
            "seconds": round(time.perf_counter() - start, 1),
        }

    def _made(self, given):
        files = {n: File(one.name, one.cells) for n, one in self._files.items()}
        if reads_orders(self.job):
            files["orders"] = File(files["orders"].name, self._log(given))
        return make_report(self.job, files, given)

    def _log(self, given):
        """Return the log of orders that the values make, read once for each of them."""
        _, reading = settings_of(self.job, given)
        if self._orders is None or self._orders[0] != reading:
            cells = self._files["orders"].cells
            self._orders = reading, Orders.read(cells, **reading)
        return self._orders[1]

    def _check_files(self):
        for slot in self.slots():
            if slot["needed"] and slot["name"] not in self._files:
                raise ValueError(f'choose a file under "{slot["label"]}"')

    def _first(self):
        first = TABLES[self.job][0]
        return first, self._files[first].name

    def _no(self, sentence, field=None):
        if field is None:
            sentence, field = in_the_page(sentence)
        return {"fine": False, "sentence": sentence, "field": field}

    def _no_memory(self, slot, name, given=None):
        way = calls.elsewhere(self.job, slot, name, given)
        return self._no(f"the memory of this page does not suffice for the file; {way}")


def _money(amount):
    return "" if amount != amount else number(amount, 2)
