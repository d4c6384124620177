"""What every command of the book sets before it starts Python, and how it is called.

Only the standard library, in syntax that an old Python can read: ``do.py`` begins here.
"""

import os

# One thread a process (two processes run at once), and TensorFlow the same to the bit.
THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
# Files and pipes are UTF-8 everywhere: Windows has another encoding for each country.
TEXT = {"PYTHONUTF8": "1"}
# A figure drawn in a notebook must reach the page: never the agg backend.
UNSET = ("MPLBACKEND",)


def apply():
    """Set them for this process and all that it starts."""
    os.environ.update(THREADS)
    os.environ.update(TEXT)
    for name in UNSET:
        os.environ.pop(name, None)


def call(command):
    """Return how a command is called on this machine: Windows has no make.

    >>> call("book") in ("make book", "py .ci/do.py book")
    True
    """
    return ("py .ci/do.py " if os.name == "nt" else "make ") + command
