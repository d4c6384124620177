"""The service's side of a connection: no client may hold one for nothing.

uvicorn reads a head for as long, and as much, as the client likes to send, and takes
any number of requests ahead of their answers. Here a head has ten seconds and 16 KiB,
a whole request 2 MiB, an answer that nobody reads ten seconds, a client a few requests
ahead, and a connection beyond the largest number, of all or of one address, is told so
at once.
"""

import json
from collections import Counter

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from recbook.app.guard import HEADERS, MAX_BODY, MAX_DISCARDED, network_of
from recbook.app.metrics import Metrics

__all__ = ["LISTENERS", "GuardedProtocol", "allow_connections"]

MAX_HEAD = 16 * 1024  # bytes
MAX_MESSAGE = 2 * MAX_DISCARDED  # with what wraps a body: chunks, their trailers
MAX_AHEAD = 16  # requests sent before the answer to the first; browsers send none
TOLD = 4  # for so many connections that are served, one that is told to come back
LISTENERS = 32  # newcomers that are taken in at once
FEWEST = 16  # connections worth starting for: a browser opens six
SPARE_FILES = 64 + 2 * LISTENERS  # the process's own, the listeners, who is cut next


def allow_connections(wanted=4096):
    """Raise the limit on open files where need be; return how many can be served.

    A fourth as many more fit beside them, who are only told to come back. Raises
    ValueError where hardly anybody could be served.

    >>> allow_connections(16)
    16
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows, which has no such limit
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + wanted // TOLD + SPARE_FILES
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft < (fewest := FEWEST + FEWEST // TOLD + SPARE_FILES):
        raise ValueError(
            f"the limit on open files is {soft}, too few to serve anybody: "
            f"raise it to {fewest} at least, better {needed} (ulimit -n {needed})"
        )
    return min(wanted, (soft - SPARE_FILES) * TOLD // (TOLD + 1))


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on what a client can hold.

    >>> GuardedProtocol.max_connections
    4096
    """

    max_connections = 4096
    share = 0.25  # of them for one address: a proxy elsewhere, too, has 1024 of its own
    patience = 10.0  # seconds
    metrics = Metrics()  # the application's, in its place
    held: Counter[bytes] = Counter()  # connections by network

    def connection_made(self, transport):
        """Begin to wait for a head, or refuse where too many connections are open."""
        super().connection_made(transport)
        # The loop's own 64 KB could wait for ever: here the first byte is timed.
        transport.set_write_buffer_limits(high=0)
        self._timer, self._deaf, self._in_head, self._size = None, None, True, 0
        self._ahead = False
        self._network = network_of(self.client[0]) if self.client else b""
        self.held[self._network] += 1
        held = len(self.connections)
        if self._network:  # not this machine, where a proxy may bring everybody
            held = max(held, self.held[self._network] / self.share)
        self._beyond = held > self.max_connections
        if held > self.max_connections * (1 + 1 / TOLD):
            self._cut()
        else:
            self._expect(self._head_late)

    def connection_lost(self, exc):
        """Forget what was waited for."""
        self.held[self._network] -= 1
        if not self.held[self._network]:
            del self.held[self._network]
        self._expect(None)
        self._hears()
        super().connection_lost(exc)

    def data_received(self, data):
        """Take what came, unless it is more than anybody needs."""
        if self._ahead or self.transport.is_closing():
            return
        if self._beyond:  # told now, for a client hears nothing before it has asked
            self._refuse(503, "too many connections are open: try again in a second")
            return
        if self._in_head and self._timer is None:
            self._expect(self._head_late)
        self._size += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._size > MAX_HEAD:
            self._refuse_head()
        elif self._size > MAX_MESSAGE:
            self._refuse(413, f"the body is too large: send at most {MAX_BODY} bytes")

    def on_header(self, name, value):
        """Keep a header. Headers after the body (trailers) are ignored."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self):
        """The head has come: from here on it is the application's time."""
        size = len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers)
        if size > MAX_HEAD:  # it came in one piece
            self._refuse_head()
            raise ValueError("too large")  # ends the parsing
        self._in_head = False
        self._expect(None)
        if len(self.pipeline) == MAX_AHEAD - 1:  # they wait for the answer to one
            self._ahead = True
            self.cycle.keep_alive = False  # the answer to the last of them is the end
            raise ValueError("too many at once")  # ends the parsing
        super().on_headers_complete()

    def on_message_complete(self):
        """The next thing to come is another head."""
        super().on_message_complete()
        self._in_head, self._size = True, 0

    def pause_writing(self):
        """The client does not read: it has its time for that, too."""
        super().pause_writing()
        self._deaf = self.loop.call_later(self.patience, self._cut)

    def resume_writing(self):
        """It does."""
        self._hears()
        super().resume_writing()

    def _hears(self):
        if self._deaf is not None:
            self._deaf.cancel()
            self._deaf = None

    def send_400_response(self, msg):
        """Say in JSON, as everything else does, that this was not HTTP."""
        if not (self._ahead or self.transport.is_closing()):
            self._refuse(400, "this is no HTTP request that can be understood: mend it")

    def _expect(self, otherwise):
        if self._timer is not None:
            self._timer.cancel()
        self._timer = otherwise and self.loop.call_later(self.patience, otherwise)

    def _refuse_head(self):
        self._refuse(431, f"the head is too large: send at most {MAX_HEAD} bytes")

    def _head_late(self):
        self._refuse(408, "the request came too slowly: send it again, in one piece")

    def _may_speak(self):
        """Return whether an error sent now is read as the answer to what was wrong.

        It must not be taken for part of another answer, or for the answer to a complete
        request, which may have been carried out.
        """
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return True
        return cycle.more_body and not (cycle.response_started or self.pipeline)

    def _cut(self):
        self.metrics.connections_refused.labels("none").inc()
        self.transport.abort()

    def _refuse(self, status, sentence):
        self._expect(None)
        tells = self._may_speak()
        self.metrics.connections_refused.labels(str(status) if tells else "none").inc()
        if tells:
            body = json.dumps({"error": sentence}).encode()
            lines = [STATUS_LINE[status], b"content-type: application/json\r\n"]
            lines += [b"%s: %s\r\n" % header for header in HEADERS]
            lines += [b"cache-control: no-store\r\nretry-after: 1\r\n"] * (
                status == 503
            )
            lines += [b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)]
            self.transport.write(b"".join([*lines, body]))
        self.transport.close()
