"""What is refused before a request reaches the application, and headers of answers.

Of each request it checks the name that it is addressed to, where it comes from, the
type and the size of its body, how many others are under way, and how long it takes.
Each answer gets the headers that tell a browser how little the page may do, except
uvicorn's 400 to what is no HTTP request, which is plain text, without these headers and
uncounted.
"""

import asyncio
import ipaddress
import json
import logging
import re
import time

__all__ = ["Guard", "is_loopback_name"]

log = logging.getLogger("recbook.app")

MAX_BODY = 1024  # bytes; the largest body that the service needs has about 20
MAX_DISCARDED = 2**20  # bytes read of a body that is too large, before the answer
MAX_AT_ONCE = 1024
PATIENCE = 10.0  # seconds for a body to come, and as many for the answer

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
NO_STORE = (b"cache-control", b"no-store")
HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:\[\]]+))(?::[0-9]*)?")
_NOWHERE = ipaddress.ip_address("0.0.0.0")


class RequestRefused(Exception):
    """A request is refused, with a status and one sentence that says what to do."""

    def __init__(self, status, sentence, *headers):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers


def host_name(value):
    """Return the name in a Host header without its port, or '' if there is none.

    >>> [host_name(h) for h in ("Localhost.:80", "[::1]:80", "[::1]evil.example")]
    ['localhost', '::1', '']
    """
    match = HOST.fullmatch(value.lower())
    return (match[1] or match[2]).rstrip(".") if match else ""


def is_loopback_name(name):
    """Tell whether a host name or an address can only mean this machine.

    >>> [is_loopback_name(n) for n in ("localhost", "127.0.0.1", "::1", "evil.example")]
    [True, True, True, False]
    """
    return name == "localhost" or (_address(name) or _NOWHERE).is_loopback


def _address(name):
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class Guard:
    """The service's outermost middleware (ASGI).

    Parameters
    ----------
    app : ASGI application
    metrics : metrics.Metrics
    hosts : iterable of str
        Names that a request may be addressed to, beside those of loopback. A page of
        another site whose name was made to lead here ("DNS rebinding") has another.
    any_address : bool
        Also take any number (IPv4 or IPv6) for a name: such can't be rebound.
    max_at_once, patience : int, float
        Number of requests that are answered at a time, of which each counts from when
        its body has come; and seconds for reading a body, and again for answering.
    open_metrics : bool
        Let other machines read /metrics, too.

    Examples
    --------
    >>> from recbook.app.metrics import Metrics
    >>> guard = Guard(None, Metrics())
    >>> guard.welcomes("127.0.0.1:8000"), guard.welcomes("evil.example")
    (True, False)
    """

    def __init__(
        self,
        app,
        metrics,
        hosts=(),
        any_address=False,
        max_at_once=MAX_AT_ONCE,
        patience=PATIENCE,
        open_metrics=False,
    ):
        self.app, self.metrics = app, metrics
        self.hosts, self.any_address = {host.lower() for host in hosts}, any_address
        self.max_at_once, self.patience = max_at_once, patience
        self.open_metrics, self.at_once = open_metrics, 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":  # there are no websockets
            await self.app(scope, receive, send)
            return
        start, answer = time.perf_counter(), _Answer(scope, send)
        try:
            await self._attend(scope, receive, answer)
        except RequestRefused as refusal:
            await answer.refuse(refusal)
        finally:
            # A request that is refused here, or has no route, has no template.
            route = getattr(scope.get("route"), "path", "none")
            spent = time.perf_counter() - start
            self.metrics.count(scope["method"], route, answer.status, spent)
            level = logging.WARNING if answer.status >= 500 else logging.INFO
            log.log(level, "%s %s: %d", scope["method"], route, answer.status)

    async def _attend(self, scope, receive, answer):
        headers = dict(scope["headers"])
        self._must_be_ours(scope["method"], headers)
        if scope["path"] == "/metrics" and not self._may_measure(scope, headers):
            raise RequestRefused(
                403,
                "/metrics is for the service's own machine: ask from there, "
                "or start it with --open-metrics",
            )
        if b"content-length" in headers or b"transfer-encoding" in headers:
            receive = await self._with_body(headers, receive)
        if self.at_once >= self.max_at_once:  # without its body it held no place
            raise RequestRefused(
                503,
                "the service has more to do than it can: try again in a second",
                (b"retry-after", b"1"),
            )
        self.at_once += 1
        self.metrics.at_once.inc()
        try:
            await self._answer(scope, receive, answer)
        finally:
            self.at_once -= 1
            self.metrics.at_once.dec()

    async def _answer(self, scope, receive, answer):
        """Let the application answer, within ``patience`` seconds."""
        try:
            async with asyncio.timeout(self.patience):
                await self.app(scope, receive, answer.send)
        except TimeoutError:
            raise RequestRefused(
                503,
                "the answer took too long, and a rating may or may not have been "
                "stored: send it again, it counts once",
                (b"retry-after", b"1"),
            ) from None
        except Exception:
            log.exception("a mistake of the service")
            raise RequestRefused(
                500, "the service made a mistake, which is in its log: try again"
            ) from None

    def welcomes(self, host):
        """Tell whether the service answers to this value of the Host header."""
        name = host_name(host)
        return (
            is_loopback_name(name)
            or name in self.hosts
            or (self.any_address and _address(name) is not None)
        )

    def _may_measure(self, scope, headers):
        """Tell whether the client is on this machine, and not behind a proxy on it."""
        through_proxy = headers.keys() & {b"x-forwarded-for", b"forwarded"}
        client = scope.get("client")
        here = client and is_loopback_name(client[0])
        return self.open_metrics or bool(here and not through_proxy)

    def _must_be_ours(self, method, headers):
        """Refuse a request that another site's page could make a browser send."""
        host = headers.get(b"host", b"").decode("latin-1")
        if not self.welcomes(host):
            raise RequestRefused(
                421,
                "Host: this service does not answer to that name; use its address, "
                "or start it with --allow-host NAME",
            )
        if method in {"GET", "HEAD", "OPTIONS"}:
            return
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        own = {f"{scheme}://{host.lower()}" for scheme in ("http", "https")}
        site = headers.get(b"sec-fetch-site", b"none")
        if (origin and origin not in own) or site not in {b"none", b"same-origin"}:
            raise RequestRefused(
                403, "Origin: only the service's own page may write; open it from there"
            )
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        has_body = headers.get(b"content-length", b"0") != b"0"
        has_body |= b"transfer-encoding" in headers
        if kind != b"application/json" and (kind or has_body or method == "PUT"):
            raise RequestRefused(
                415, "Content-Type: a body must be JSON; send application/json with it"
            )

    async def _with_body(self, headers, receive):
        """Read the body, at most MAX_BODY, and return a ``receive`` that gives it."""
        length = headers.get(b"content-length", b"0")
        promised = int(length) if len(length) <= 9 else MAX_DISCARDED + 1
        too_large = promised > MAX_BODY
        waits = headers.get(b"expect", b"").lower() == b"100-continue"
        unread = promised > MAX_DISCARDED or (too_large and waits)
        body, size, more = b"", 0, not unread
        try:
            async with asyncio.timeout(self.patience):
                while more and size <= MAX_DISCARDED:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestRefused(400, "the body ended early: send it again")
                    size += len(message.get("body", b""))
                    if size <= MAX_BODY:
                        body += message.get("body", b"")
                    more = message.get("more_body", False)
        except TimeoutError:
            raise RequestRefused(
                408, "the body came too slowly: send it again, in one piece"
            ) from None
        if too_large or size > MAX_BODY:
            raise RequestRefused(
                413, f"the body is too large: send at most {MAX_BODY} bytes"
            )
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again():
            return next(given, None) or await receive()

        return again


class _Answer:
    """An answer that is being sent: adds the headers, and remembers the status."""

    def __init__(self, scope, send):
        self.path, self._send, self.status = scope["path"], send, 0

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            extra = list(HEADERS)
            if not any(name == b"cache-control" for name, _ in message["headers"]):
                extra.append(NO_STORE)
            message = {**message, "headers": [*message["headers"], *extra]}
        await self._send(message)

    async def refuse(self, refusal):
        """Send the refusal, or nothing if an answer has already begun."""
        if self.status:
            self.status = refusal.status
            return  # uvicorn closes the connection of an unfinished answer
        body = json.dumps({"error": refusal.sentence}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),  # the rest of the request is not read
            *refusal.headers,
        ]
        await self.send(
            {
                "type": "http.response.start",
                "status": refusal.status,
                "headers": headers,
            }
        )
        await self.send({"type": "http.response.body", "body": body})
