"""The service under load: everything answered, each rating there, and there once.

Nothing is timed here; `python -m tests.benchmarks.studies.load` does that.
"""

import asyncio
import contextlib
import json
import random
import selectors
import signal
import socket
import threading
import time

import pytest
from standin import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("load") / "visitors.sqlite") as service:
        yield service
        assert service.stop() == 0
        assert "Traceback" not in "".join(service.log)


def written(service):
    text = service.ask("GET", "/metrics")[2]
    start = "recbook_ratings_written_total "
    return float(
        next(x for x in text.splitlines() if x.startswith(start))[len(start) :]
    )


def visit(service, seed, n_requests, states, errors):
    """One connection, kept: puts, deletes, lists and searches, as a visitor would."""
    choice, known, puts = random.Random(seed), {}, 0
    connection = service.connect()
    try:
        visitor = service.visitor()
        for turn in range(n_requests):
            film, stars = choice.randint(1, 60), choice.randint(1, 5)
            rating = f"/api/ratings/{film}"
            asked = [
                ("PUT", rating, {"stars": stars}),
                ("PUT", rating, {"stars": stars}),
                ("GET", "/api/recommendations", None),
                ("DELETE", rating, None),
                ("GET", f"/api/films?q=film {film}".replace(" ", "%20"), None),
            ][turn % 5]
            status, _, said = service.ask(*asked, connection=connection, who=visitor)
            assert status == (204 if asked[0] == "DELETE" else 200), said
            if asked[0] == "PUT":
                known[film], puts = stars, puts + 1
            elif asked[0] == "DELETE":
                known.pop(film, None)
            elif "recommendations" in said:  # never what was rated, as of this moment
                assert not known.keys() & {r["id"] for r in said["recommendations"]}
        states.append((visitor, known, puts))
    except Exception as error:
        errors.append(error)
    finally:
        connection.close()


@pytest.mark.parametrize("connections", [1, 8, 32])
def test_no_rating_is_lost_or_counted_twice(service, connections):
    states, errors, before = [], [], written(service)
    n_requests = max(640 // connections, 20)
    threads = [
        threading.Thread(target=visit, args=(service, i, n_requests, states, errors))
        for i in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert len(states) == connections
    for visitor, known, _ in states:
        assert service.ratings(visitor) == known
    assert written(service) - before == sum(puts for _, _, puts in states)


def test_one_film_rated_over_all_connections_ends_with_the_last_word(service):
    """The same rating from 16 connections at once: any of them, once; then ours."""
    visitor = service.visitor()

    def rate(stars):
        for _ in range(5):
            assert service.rate(visitor, 7, stars) == 200

    threads = [threading.Thread(target=rate, args=(1 + i % 4,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert service.ratings(visitor)[7] in (1, 2, 3, 4)
    assert service.rate(visitor, 7, 5) == 200
    assert service.ratings(visitor) == {7: 5}


def test_who_never_rests_keeps_no_newcomer_out(tmp_path):
    """64 ask without a pause; each has an answer before one of them has ten."""
    with (
        Service(tmp_path / "s.sqlite", seconds=0.005) as service,
        contextlib.ExitStack() as held,
    ):
        ask = (
            "GET /api/recommendations?k=1 HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {service.visitor()}\r\n\r\n"
        ).encode()
        answers, waiting = [0] * 64, held.enter_context(selectors.DefaultSelector())
        service.process.send_signal(signal.SIGSTOP)  # till all of them have come
        for i in range(len(answers)):
            sock = held.enter_context(socket.create_connection(address(service)))
            sock.sendall(ask)
            waiting.register(sock, selectors.EVENT_READ, i)
        service.process.send_signal(signal.SIGCONT)
        while 0 in answers and max(answers) < 10:
            for key, _ in waiting.select(timeout=20):
                got = key.fileobj.recv(65536)
                assert got, "cut off"
                if got.endswith(b"}]}"):  # the end of a list
                    answers[key.data] += 1
                    key.fileobj.sendall(ask)
        assert 0 not in answers, answers


def address(service):
    return "127.0.0.1", service.port


async def crowd(port, requests):
    """Open a connection a request, all before the first is sent; return the answers.

    A status of None is a connection that was cut.
    """
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in requests]

    async def ask(reader, writer, data):
        try:
            writer.write(data)
            await writer.drain()
            got = await reader.read(-1)
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            return None, None
        if not got:
            return None, None
        head, _, body = got.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        assert status != 503 or b"retry-after: 1" in head
        return status, json.loads(body)

    async with asyncio.timeout(60):
        asked = zip(opened, requests, strict=True)
        return await asyncio.gather(*(ask(*ends, data) for ends, data in asked))


def put(visitor, film, stars):
    body = json.dumps({"stars": stars})
    return (
        f"PUT /api/ratings/{film} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {visitor}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    ).encode()


def test_five_hundred_connections_at_once(service):
    """Loopback only, five hundred requests and no more, a minute at the most."""
    visitors = [service.visitor() for _ in range(20)]
    asked = [(v, film, 1 + film % 5) for v in visitors for film in range(1, 26)]
    answers = asyncio.run(crowd(service.port, [put(*a) for a in asked]))
    assert {status for status, _ in answers} <= {200, 503}
    known = {visitor: {} for visitor in visitors}
    for (visitor, film, stars), (status, _) in zip(asked, answers, strict=True):
        if status == 200:
            known[visitor][film] = stars
    assert sum(map(len, known.values())) >= 250
    for visitor in visitors:
        assert service.ratings(visitor) == known[visitor]
    assert service.ask("GET", "/health")[0] == 200


def test_more_connections_than_it_has_files_for(tmp_path):
    """Those that it has are served, and their stars stored; the others are cut."""
    with (
        Service(tmp_path / "s.sqlite", open_files=100) as service,
        contextlib.ExitStack() as held,
    ):
        visitor = service.visitor()
        first = held.enter_context(contextlib.closing(service.connect()))
        assert service.rate(visitor, 7, 5, connection=first) == 200
        for _ in range(200):
            held.enter_context(socket.create_connection(address(service), timeout=20))
        for film in range(8, 40):
            assert service.rate(visitor, film, 5, connection=first) == 200
        with pytest.raises(ConnectionError):
            service.ask("GET", "/health")
        held.close()
        stop, status = time.monotonic() + 20, None
        while status != 200:  # till it has seen them leave
            assert time.monotonic() < stop
            with contextlib.suppress(ConnectionError):
                status = service.ask("GET", "/health")[0]
        assert len(service.ratings(visitor)) == 33
        assert service.log == []
