"""The processes beside the command: those that judge, and those that run a file."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from recbook.mark.wire import Broken, Channel

THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA")


class Helper:
    """A Python process of our own, and the channel to it.

    Parameters
    ----------
    module : str
        Is run as a program, with the number of its end of the channel.
    """

    def __init__(self, module):
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        threads = {f"{name}_NUM_THREADS": "1" for name in THREADS}
        paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(theirs.fileno())],
                env=os.environ | threads | {"PYTHONPATH": paths},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def close(self):
        """End it, and all of its group."""
        self.channel.socket.close()
        with contextlib.suppress(OSError):
            self.process.wait(timeout=5)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Nursery:
    """Gives the judge a student's process at a time, and replaces what is broken."""

    def __init__(self):
        self.helper = None

    def prepare(self):
        """Have it ready, so that no file's time is spent on it."""
        if self.helper is not None and self.helper.process.poll() is not None:
            self._give_up()
        if self.helper is None:
            self.helper = Helper("recbook.mark.nursery")
            self._reply(60)

    @contextlib.contextmanager
    def student(self, order):
        """Yield (channel, ending); ``ending`` takes the exit status when it is left."""
        ours, theirs = socket.socketpair()
        ending = []
        with ours, theirs, _own_folder() as folder:
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
                return int(self._reply(20)["pid"])
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
def _own_folder():
    """Yield a folder that goes when it is left, as far as it can be removed."""
    made = tempfile.TemporaryDirectory(
        prefix="recbook-mark-", ignore_cleanup_errors=True
    )
    try:
        yield made.name
    finally:
        with contextlib.suppress(Exception):  # a tree of 10,000 levels, for example
            made.cleanup()
