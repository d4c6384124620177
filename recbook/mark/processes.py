"""The processes beside the command: those that judge, and those that run a file."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from recbook._core.order import PACKAGE
from recbook.mark.fence import FILES
from recbook.mark.wire import Broken, Channel
from recbook.mark.workplace import libraries, remove

PATIENCE = 5  # seconds in which a process of ours may end by itself
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA")
# The variables that our processes and the students' get: none holds a secret.
KEPT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "JAVA_HOME", "PYTHONPATH"),
    "PYTHONDONTWRITEBYTECODE",
)
KEPT_BEGIN = ("RECBOOK_", "OMP_", "OPENBLAS_", "NUMBA_", "TF_", "MKL_")
_OURS = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH")
# Only Python and the installed packages can be imported: nothing from the folder where
# the command runs, and nothing that a .pth file or a sitecustomize.py names.
_BEGIN = """
import importlib.util, json, sys
order = json.loads(sys.argv[1])
sys.path += order["libraries"]
sys.prefix, sys.exec_prefix = order["prefixes"]
spec = importlib.util.spec_from_file_location("recbook", order["recbook"])
sys.modules["recbook"] = recbook = importlib.util.module_from_spec(spec)
spec.loader.exec_module(recbook)
importlib.import_module(order["module"]).main(order)
"""


class Helper:
    """A Python process of our own, and the channel to it.

    Parameters
    ----------
    module : str
        Its ``main`` is called with a dictionary, in which "number" is that of its end
        of the channel, and "work" and "parts" are the following.
    work : str
        The folder where the class is marked.
    parts : list of str
        The parts of ``fence.ALL`` that are to be done for students.
    """

    def __init__(self, module, work, parts):
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        order = {
            "module": module,
            "number": theirs.fileno(),
            "work": str(work),
            "parts": list(parts),
            "recbook": str(PACKAGE / "__init__.py"),
            "libraries": libraries(),
            "prefixes": [sys.prefix, sys.exec_prefix],
        }
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-c", _BEGIN, json.dumps(order)],
                env=_environment(work),
                cwd="/",  # numba takes settings from the folder where it stands
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def close(self):
        """End it, and all of its group."""
        self.channel.socket.close()
        # One that a student has stopped would never end by itself.
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self.process.wait(timeout=PATIENCE)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Nursery:
    """Gives the judge one student's process at a time, and starts what starts them.

    Parameters
    ----------
    work : str
        The folder where the class is marked.
    parts : list of str
        The parts of ``fence.ALL`` that are to be done. When it is ready, these are the
        parts that can be done here.
    """

    def __init__(self, work, parts):
        self.work, self.parts = work, parts
        self.helper = None
        self.was_there = False

    def prepare(self):
        """Start it if need be, so that no file's time is spent on that."""
        if self.helper is not None and self.helper.process.poll() is not None:
            self._give_up()
        if self.helper is None:
            self._allow_another()
            self.helper = Helper("recbook.mark.nursery", self.work, self.parts)
            self.parts = self._reply(240)["ready"]  # on a busy machine
            self.was_there = True

    def _allow_another(self):
        """Raise where a new one could load something that a file has left.

        Without a fence, it may be a file that ended the one before. Only the command
        can tell what has changed since.
        """
        if self.was_there and FILES not in self.parts:
            raise Broken("what starts the students' processes was ended")

    @contextlib.contextmanager
    def student(self, order):
        """Yield (channel, ending); ``ending`` takes the exit status when it is left."""
        ours, theirs = socket.socketpair()
        ending = []
        with ours, theirs, _own_folder(self.work) as folder:
            pid = self._started(order | {"folder": folder}, theirs)
            theirs.close()
            try:
                yield Channel(ours), ending
            finally:
                ending.append(self._ended(pid))

    def _started(self, order, theirs):
        for _ in range(3):
            try:
                self.prepare()
                channel = self.helper.channel
                channel.send(order)
                socket.send_fds(channel.socket, [b"!"], [theirs.fileno()])
                return int(self._reply(60)["pid"])
            except (Broken, OSError):
                self._give_up()
        raise Broken("no process for a student can be started here")

    def _ended(self, pid):
        try:
            self.helper.process.send_signal(signal.SIGCONT)  # a student may stop it
            self.helper.channel.send({"stop": None})
            return self._reply(20)["status"]
        except Broken:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            self._give_up()
            self._allow_another()
            return None

    def _reply(self, seconds):
        return self.helper.channel.receive(time.monotonic() + seconds)

    def _give_up(self):
        if self.helper is not None:
            self.helper.process.kill()
            self.helper.close()
        self.helper = None

    def close(self):
        """End the process that starts the others."""
        self._give_up()


@contextlib.contextmanager
def _own_folder(work):
    """Yield a new folder, and remove it afterwards as far as possible."""
    made = tempfile.mkdtemp(dir=work)
    try:
        yield made
    finally:
        remove(made)


def _environment(work):
    """Return the environment of a process of ours: what it needs, and no secret."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in (*KEPT, *_OURS) or name.startswith(KEPT_BEGIN)
    }
    kept.pop("RECBOOK_LANGUAGE", None)  # a record is in English, whoever marks
    for name in ("RECBOOK_CACHE", "RECBOOK_ML100K"):
        if kept.get(name) and kept[name][0] != "~":
            kept[name] = os.path.abspath(kept[name])
    kept |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
    return kept | {
        "NUMBA_CACHE_DIR": os.path.join(work, "kernels"),
        "PYTHONPATH": os.pathsep.join(
            libraries()
        ),  # for what a student starts: ours do not look at it
        "PYTHONDONTWRITEBYTECODE": "1",
    }
