"""Starts a process for each student's file, warm: what notebooks import is loaded.

It is a process of its own, which knows no check and no other file. The judge asks it
for a student's process, and to end it.
"""

import contextlib
import importlib
import os
import signal
import socket
import sys
import tempfile
import warnings

from recbook.datasets import download
from recbook.mark.limits import adopt, confine, end
from recbook.mark.student import run
from recbook.mark.wire import Broken, Channel

# What nearly every notebook imports. Not TensorFlow, whose threads no fork survives.
WARM = (
    "scipy.sparse", "pandas", "matplotlib.pyplot", "numba", "recbook.datasets",
    "recbook.splits", "recbook.similarity", "recbook.metrics", "recbook.evaluation",
    "recbook.plots", "recbook.baselines", "recbook.neighbors", "recbook.factorization",
)  # fmt: skip
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "JAVA_HOME")
_KEPT_BEGIN = ("RECBOOK_", "OMP_", "OPENBLAS_", "NUMBA_", "TF_", "MKL_")


def main(number):
    """Serve the judge at the other end of an open connection.

    Parameters
    ----------
    number : int
        Of its file descriptor.
    """
    judge = Channel(socket.socket(fileno=number))
    os.environ["MPLBACKEND"] = "agg"
    with contextlib.suppress(download.Unavailable):  # a student has another home
        os.environ["RECBOOK_CACHE"] = str(download.cache_folder() or "")
    adopt()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in WARM:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    with contextlib.suppress(Broken):
        judge.send({"ready": None})
        while True:
            _serve(judge)


def _serve(judge):
    """Start one student's process, wait for the word, and end it."""
    order = judge.receive()
    judge.socket.settimeout(10)
    _, (wire, *_), _, _ = socket.recv_fds(judge.socket, 1, 1)
    pid = os.fork()
    if pid == 0:
        try:
            _become_student(wire, order)
        finally:
            os._exit(1)
    os.close(wire)
    status = None
    try:
        judge.send({"pid": pid})
        judge.receive()
    finally:
        status = end(pid)
    judge.send({"status": status})


def _become_student(wire, order):
    """Give up all that is not the student's, then run the cells."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    wire = os.dup2(wire, 3)
    os.closerange(4, 4096)
    folder = order["folder"]
    kept = {
        name: value for name, value in os.environ.items()
        if name in KEPT or name.startswith(_KEPT_BEGIN)
    }  # fmt: skip
    places = dict.fromkeys(
        ("HOME", "TMPDIR", "MPLCONFIGDIR", "RECBOOK_PROJECT"), folder
    )
    os.environ.clear()
    os.environ.update(kept | places | {"MPLBACKEND": "agg", "RECBOOK_OFFLINE": "1"})
    tempfile.tempdir = None
    sys.argv[:] = [""]
    os.chdir(folder)
    for caught in (signal.SIGINT, signal.SIGTERM):
        signal.signal(caught, signal.SIG_DFL)
    confine(order["processor"], order["memory"])
    channel = Channel(socket.socket(fileno=wire))
    run(order["cells"], order["ids"], channel, order["cell_seconds"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
