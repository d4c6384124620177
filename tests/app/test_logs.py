"""The log: what is written of a flood, and that nobody waits for who does not read."""

import logging
import os
import time

import pytest
from standin import Service

from recbook.app import logs
from recbook.app.logs import MAX_LINES, OncePerSecond, ThreadedHandler

fcntl = pytest.importorskip("fcntl")  # Windows has no such pipes


@pytest.fixture
def pipe():
    reader, writer = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # or it takes 64 KB before anybody waits
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    yield reader, writer
    os.close(writer)


def record(message, second, level=logging.WARNING, error=None):
    told = {"msg": message, "levelno": level, "created": second}
    return logging.makeLogRecord(told | {"exc_info": error and (type(error), error, 0)})


def test_the_same_trouble_is_one_line_a_second():
    passes = OncePerSecond().filter
    said = [passes(record(f"PUT: {status}", 7.3)) for status in (507, 507, 503, 507)]
    assert said == [True, False, True, False]
    assert [passes(record("PUT: 507", second)) for second in (8.1, 8.9)] == [
        True,
        False,
    ]
    mistakes = [KeyError(1), KeyError(2), ValueError(1)]
    assert [passes(record("a mistake", 9, error=e)) for e in mistakes] == [1, 0, 1]


def test_each_request_is_a_line_where_that_was_wished():
    passes = OncePerSecond().filter
    assert all(passes(record("GET: 200", 7.3, logging.INFO)) for _ in range(5))


def test_stopped_while_it_starts_it_leaves_nothing_to_close(pipe, monkeypatch):
    def interrupted(thread):
        raise KeyboardInterrupt

    monkeypatch.setattr(logs.threading.Thread, "start", interrupted)
    before = list(logging._handlerList)
    with pytest.raises(KeyboardInterrupt):
        ThreadedHandler(pipe[1])
    assert logging._handlerList == before  # what the end of Python closes


def test_lines_that_nobody_reads_fill_no_memory_and_hold_nobody(pipe, monkeypatch):
    monkeypatch.setattr(logs, "GOODBYE", 0.05)
    reader, writer = pipe
    handler = ThreadedHandler(writer)
    for i in range(3 * MAX_LINES):
        handler.emit(record(f"line {i} ".ljust(100, "."), 0))
    assert handler._lines.qsize() <= MAX_LINES
    handler.close()
    assert handler._thread.is_alive()  # it is stuck, and would end with the process
    os.close(reader)  # from here on every line is lost, and without a word
    monkeypatch.setattr(logs, "GOODBYE", 20)
    handler.close()
    assert not handler._thread.is_alive()


def test_what_was_logged_is_written_before_it_stops(tmp_path):
    with Service(tmp_path / "s.sqlite", "--verbose") as service:
        connection = service.connect()
        for _ in range(50):
            assert service.ask("GET", "/health", connection=connection)[0] == 200
        connection.close()
        assert service.stop() == 0
        end = time.monotonic() + 20
        while len(service.log) < 50 and time.monotonic() < end:
            time.sleep(0.01)  # till the test's own thread has read them
        assert sum(line.endswith("GET /health: 200\n") for line in service.log) == 50


def test_a_log_that_nobody_reads_stops_nothing(tmp_path):
    with Service(tmp_path / "s.sqlite", "--verbose", reads_log=False) as service:
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(service.process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        connection = service.connect(timeout=10)
        for _ in range(200):
            assert service.ask("GET", "/health", connection=connection)[0] == 200
        connection.close()
        assert service.stop() == 0
        service.process.stderr.close()
