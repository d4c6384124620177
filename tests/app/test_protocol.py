"""A connection's bounds, alone: what comes is fed to it, what it says is kept."""

import asyncio
from collections import Counter

import pytest
import uvicorn
from uvicorn.server import ServerState

from recbook.app.metrics import Metrics
from recbook.app.protocol import MAX_HEAD, MAX_MESSAGE, GuardedProtocol

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = (
    b"PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


class Transport(asyncio.Transport):
    """A client, seen from the service: what it was told, and whether it was cut."""

    def __init__(self, address="127.0.0.1"):
        super().__init__({"peername": (address, 5000)})
        self.told, self.aborted, self.closing = b"", False, False
        self.high = None  # bytes that may wait before the protocol hears of it

    def set_write_buffer_limits(self, high=None, low=None):
        self.high = high

    def write(self, data):
        self.told += data

    def close(self):
        self.closing = True

    def abort(self):
        self.aborted = self.closing = True

    def is_closing(self):
        return self.closing

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


def test_the_first_byte_that_waits_is_timed():
    """Not only what is beyond the loop's 64 KB: a little could wait for ever."""

    async def made():
        return connection().transport.high

    assert asyncio.run(made()) == 0


async def nothing(scope, receive, send):
    await asyncio.sleep(60)


def connection(app=nothing, state=None, address="127.0.0.1"):
    """A connection that was just made; to be called in a running loop."""
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    protocol = GuardedProtocol(config, state or ServerState(), {})
    protocol.connection_made(Transport(address))
    return protocol


def run(test):
    """Run it in a loop, and end what it has begun."""
    asyncio.run(test())


@pytest.mark.parametrize("reads", [False, True])
def test_who_never_reads_an_answer_is_cut_off(reads):
    """The case alone, for else it may also be that too much was sent ahead."""

    async def wait():
        protocol = connection()
        protocol.patience = 0.05
        protocol.pause_writing()
        if reads:
            protocol.resume_writing()
        protocol.on_message_begin()
        protocol._expect(None)
        await asyncio.sleep(0.2)
        protocol.connection_lost(OSError())
        return protocol.transport.aborted

    assert asyncio.run(wait()) is not reads


@pytest.mark.parametrize(
    "endless",
    [b"h1: v\r\n" * 5000, b"x" * 40_000],
    ids=["lines of a trailer", "one line of it"],
)
def test_what_follows_the_last_chunk_is_bounded(endless):
    async def test():
        protocol, sent = connection(), 0
        protocol.data_received(CHUNKED + b"0\r\nt: ")
        while not protocol.transport.is_closing():
            protocol.data_received(endless)
            sent += len(endless)
            assert sent <= MAX_MESSAGE + len(endless)
        assert protocol.transport.told.startswith(b"HTTP/1.1 413")
        assert len(protocol.scope["headers"]) == 3  # nothing of it is kept

    run(test)


def test_a_trailer_is_no_header():
    """It comes when the head was judged: a second Host could not be refused then."""

    async def test():
        protocol = connection()
        protocol.data_received(CHUNKED + b"0\r\nHost: evil.example\r\nX-A: b\r\n\r\n")
        names = [name for name, _ in protocol.scope["headers"]]
        assert names == [b"host", b"content-type", b"transfer-encoding"]
        assert not protocol.transport.is_closing()
        protocol.data_received(b"GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert protocol.scope["headers"] == [(b"host", b"localhost")]

    run(test)


def test_one_address_takes_not_all_connections(monkeypatch):
    monkeypatch.setattr(GuardedProtocol, "max_connections", 16)
    monkeypatch.setattr(GuardedProtocol, "held", Counter())

    async def test():
        state = ServerState()

        def opened(address):
            protocol = connection(state=state, address=address)
            protocol.data_received(HEALTH)
            return protocol

        def status(protocol):
            if protocol.transport.aborted:
                return "cut"
            return int((protocol.transport.told or b"HTTP/1.1 200").split()[1])

        many = [opened(f"2001:db8::{i + 1:x}") for i in range(7)]  # one household
        assert [status(p) for p in many] == [200] * 4 + [503] + ["cut"] * 2
        assert b"retry-after: 1" in many[4].transport.told
        for protocol in many[4:]:
            protocol.connection_lost(None)
        own = [opened(f"127.0.0.{1 + i % 2}") for i in range(8)]  # or a proxy here
        assert [status(p) for p in own] == [200] * 8
        assert status(opened("192.0.2.1")) == status(opened("::ffff:192.0.2.1")) == 200
        many[0].connection_lost(None)
        assert status(opened("2001:db8::99")) == 200
        for protocol in list(state.connections):
            protocol.connection_lost(None)
        assert not GuardedProtocol.held

    run(test)


def test_each_way_to_be_refused_is_counted(monkeypatch):
    metrics = Metrics()
    monkeypatch.setattr(GuardedProtocol, "metrics", metrics)
    monkeypatch.setattr(GuardedProtocol, "patience", 0.01)

    async def test():
        for data in (
            b"nonsense\r\n\r\n",
            b"GET /" + b"x" * MAX_HEAD,
            CHUNKED + b"0\r\nt: " + b"x" * MAX_MESSAGE,
            b"GET",  # and no more
        ):
            connection().data_received(data)
        deaf = connection()
        deaf.data_received(HEALTH)
        deaf.pause_writing()
        await asyncio.sleep(0.1)
        deaf.connection_lost(None)  # as it is after a cut: what was to be sent is not
        monkeypatch.setattr(GuardedProtocol, "max_connections", 0.8)
        connection().data_received(HEALTH)
        monkeypatch.setattr(GuardedProtocol, "max_connections", 0.5)
        connection()

    run(test)
    refused = {
        sample.labels["status"]: sample.value
        for family in metrics.connections_refused.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    assert refused == {"400": 1, "431": 1, "413": 1, "408": 1, "503": 1, "none": 2}
