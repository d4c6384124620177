"""The service's log, which never keeps the service waiting.

A thread of its own writes the lines, because a pipe that nobody reads takes 64 KB and
then blocks the writer. When 1,000 lines wait, further ones are dropped. The metrics
count every answer.
"""

import contextlib
import logging
import os
import queue
import sys
import threading

__all__ = ["OncePerSecond", "ThreadedHandler", "start_log"]

MAX_LINES = 1000  # lines that may wait to be written
GOODBYE = 1.0  # seconds that the end waits for them


class OncePerSecond(logging.Filter):
    """Let each warning through once per second.

    A full disk gives two lines for each request, and more of them say no more.

    >>> record = logging.LogRecord("x", logging.WARNING, "", 0, "full", None, None)
    >>> once = OncePerSecond()
    >>> [once.filter(record) for _ in range(3)]
    [True, False, False]
    """

    def __init__(self):
        super().__init__()
        self._second, self._seen = None, set()

    def filter(self, record):
        """Tell whether a record is to be written."""
        if record.levelno < logging.WARNING:
            return True
        if self._second != int(record.created):
            self._second, self._seen = int(record.created), set()
        kind = record.getMessage(), record.exc_info and record.exc_info[0]
        known = kind in self._seen
        self._seen.add(kind)
        return not known


class ThreadedHandler(logging.Handler):
    """Write lines to a file descriptor, from a thread.

    >>> reader, writer = os.pipe()
    >>> handler = ThreadedHandler(writer)
    >>> handler.emit(logging.makeLogRecord({"msg": "ready"}))
    >>> handler.close()
    >>> os.read(reader, 100)
    b'ready\\n'
    """

    def __init__(self, descriptor):
        # No stream, because at its end Python waits for the lock of a stream in use.
        self._descriptor, self._lines = descriptor, queue.Queue(MAX_LINES)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        # Ctrl-C may come before the thread runs. From super().__init__ on, the end of
        # Python closes the handler, which waits for a thread that has to be there.
        self._thread.start()
        super().__init__()

    def emit(self, record):
        """Leave a line for the thread, if there is room."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(self.format(record) + "\n")

    def close(self):
        """Wait for the thread, but not for a reader who does not read."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=GOODBYE)
        self._thread.join(GOODBYE)
        super().close()

    def _write(self):
        while (line := self._lines.get()) is not None:
            data = line.encode(errors="backslashreplace")
            with contextlib.suppress(OSError):  # the reader has gone
                while data:
                    data = data[os.write(self._descriptor, data) :]


def start_log(level):
    """Send what is logged from ``level`` on to standard error, if there is one."""
    if sys.stderr is None:  # closed, and the store may have its number now
        handler = logging.NullHandler()
    else:
        handler = ThreadedHandler(sys.stderr.fileno())
    handler.addFilter(OncePerSecond())
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=level, format=form, handlers=[handler])
