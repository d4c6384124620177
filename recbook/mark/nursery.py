"""The process that starts students' processes, with what notebooks import loaded.

It has no checks and no other file of the class. The judge asks it to start a student's
process, and to end it.
"""

import contextlib
import functools
import importlib
import os
import signal
import site
import socket
import sys
import tempfile
import warnings

from recbook.datasets import download
from recbook.mark import fence
from recbook.mark.kernels import freeze
from recbook.mark.limits import adopt, confine, end, shield
from recbook.mark.processes import KEPT, KEPT_BEGIN
from recbook.mark.student import run
from recbook.mark.wire import Broken, Channel

# What nearly every notebook imports. Not TensorFlow, whose threads no fork survives.
WARM = (
    "scipy.sparse", "pandas", "matplotlib.pyplot", "numba", "recbook.datasets",
    "recbook.splits", "recbook.similarity", "recbook.metrics", "recbook.evaluation",
    "recbook.plots", "recbook.baselines", "recbook.neighbors", "recbook.factorization",
)  # fmt: skip


def main(order):
    """Serve the judge at the other end of an open connection.

    Parameters
    ----------
    order : dict
        As ``Helper`` gives it.
    """
    shield()
    judge = Channel(socket.socket(fileno=order["number"]))
    os.environ["MPLBACKEND"] = "agg"
    for make in (site.setquit, site.sethelper):
        make()  # exit, quit and help, which Python began without
    with contextlib.suppress(download.Unavailable):  # a student has another home
        os.environ["RECBOOK_CACHE"] = str(download.cache_folder() or "")
        if not os.environ.get("RECBOOK_ML100K"):
            download.cached()  # is unpacked here, as a student may not write there
    adopt()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in WARM:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    freeze()
    sys.dont_write_bytecode = True
    paths = fence.readable()
    parts = fence.possible(order["parts"], paths)
    with contextlib.suppress(Broken):
        judge.send({"ready": parts})
        while True:
            _serve(judge, parts, paths)


def _serve(judge, parts, paths):
    """Start one student's process, and end it when the judge asks for that."""
    order = judge.receive()
    judge.socket.settimeout(10)
    _, (wire, *_), _, _ = socket.recv_fds(judge.socket, 1, 1)
    pid = os.fork()
    if pid == 0:
        try:
            _become_student(wire, order, parts, paths)
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


def _become_student(wire, order, parts, paths):
    """Close and forget all that is not for the student, then run the cells."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    wire = os.dup2(wire, 3)
    os.closerange(4, 4096)
    folder = order["folder"]
    kept = {
        name: value for name, value in os.environ.items()
        if name in KEPT or name.startswith(KEPT_BEGIN)
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
    limits = functools.partial(confine, order["processor"], order["memory"])
    fence.enclose(folder, parts, paths, limits)
    channel = Channel(socket.socket(fileno=wire))
    run(order["cells"], order["roots"], channel, order["cell_seconds"])
