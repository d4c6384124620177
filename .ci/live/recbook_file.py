"""A reader's file in the page's Python: the form of each job, as the page asks for it.

``own_file.js`` calls these functions. Each gets ``send(share, words)`` first, which
tells the page how far it is, and returns what JSON and bytes can carry.
"""

from recbook.datasets import example_file
from recbook.report.form import Form

forms = {}  # job -> its form, with the files that were opened


def begin(send, job):
    """Forget the files of a job; return what files it takes."""
    forms[job] = Form(job)
    return forms[job].slots()


def open_file(send, job, slot, name, data=None):
    """Read a file; return what was read and, with it, what there is to choose.

    Without ``data`` it is the book's own file of that name.
    """
    data = example_file(name).read_bytes() if data is None else bytes(data)
    told = forms[job].open(slot, name, data)
    return {**told, "size": len(data), "fields": forms[job].fields()}


def close_file(send, job, slot):
    """Forget a file."""
    if job in forms:
        forms[job].close(slot)


def receipt(send, job, values):
    """Return what reading did to the orders, row by row."""
    return forms[job].receipt(values)


def make(send, job, values):
    """Make the report."""
    return forms[job].make(values, progress=send)
