"""The film service under load: python -m tests.benchmarks.studies.load

From raw files, in an empty folder, to a page that answers, in seconds; then lists and
stars over 1, 8 and 32 connections at once, each asking again as soon as it has its
answer; then 200 such connections that come within a second, and how long the last of
them waits for its first list; then what the index finds of the exact hundred. The
service is a process of its own, as in use, on loopback. Takes two minutes on an idle
machine. Leaves ``data/results/service.csv``.
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd

from recbook import project
from recbook.app import bundle as bundles
from recbook.leaderboard.results import write_results

CONNECTIONS = (1, 8, 32)
ROUNDS, REQUESTS = 5, 1000  # requests a round, over all connections
CROWD, CROWD_SECONDS = 200, 20  # connections that never rest, and for how long
RATED = 15  # films that a visitor has starred before asking


class Connection:
    """One kept-alive connection that asks and reads, and no more."""

    def __init__(self, port):
        self.port = port

    async def open(self):
        found = await asyncio.open_connection("127.0.0.1", self.port)
        self.reader, self.writer = found
        return self

    async def ask(self, method, path, body=None, who=""):
        """Return the status and the content of one answer."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += f"Authorization: Bearer {who}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + content)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer, flags=re.IGNORECASE)
        read = await self.reader.readexactly(int(length.group(1)) if length else 0)
        return int(answer.split(None, 2)[1]), read

    async def close(self):
        self.writer.close()
        await self.writer.wait_closed()


async def visitor(connection, films, rng):
    """Make somebody new who has starred some films; return their token."""
    _, answer = await connection.ask("POST", "/api/visitor")
    who = json.loads(answer)["visitor"]
    for film in rng.choice(films, RATED, replace=False).tolist():
        stars = int(rng.integers(1, 6))
        status, _ = await connection.ask(
            "PUT", f"/api/ratings/{film}", {"stars": stars}, who
        )
        assert status == 200, status
    return who


async def one_round(port, kind, n, films, rng):
    """Return the waits of a round of n connections, and how long it took."""
    connections = [await Connection(port).open() for _ in range(n)]
    visitors = [await visitor(c, films, rng) for c in connections]
    waits = []

    async def asking(connection, who, choice):
        for film in choice:
            begin = time.perf_counter()
            if kind == "rating":
                body = {"stars": 1 + film % 5}
                answer = connection.ask("PUT", f"/api/ratings/{film}", body, who)
            else:
                answer = connection.ask("GET", "/api/recommendations", who=who)
            status, _ = await answer
            waits.append(time.perf_counter() - begin)
            assert status == 200, status

    begin = time.perf_counter()
    choices = [rng.choice(films, REQUESTS // n).tolist() for _ in range(n)]
    together = zip(connections, visitors, choices, strict=True)
    await asyncio.gather(*(asking(*one) for one in together))
    took = time.perf_counter() - begin
    for connection in connections:
        await connection.close()
    return np.array(waits), took


def under_load(port, films):
    """Yield a row for every kind of request, number of connections and measure."""
    rng = np.random.default_rng(0)
    for kind in ("recommendation", "rating"):
        asyncio.run(one_round(port, kind, 8, films, rng))  # to warm up
        for n in CONNECTIONS:
            rounds = [
                asyncio.run(one_round(port, kind, n, films, rng)) for _ in range(ROUNDS)
            ]
            waits = np.concatenate([found for found, _ in rounds])
            for q in (0.5, 0.99):
                value = 1e3 * np.quantile(waits, q, method="inverted_cdf")
                yield kind, f"p{100 * q:.0f} ms at {n}", value
            worst = max(1e3 * np.quantile(found, 0.99) for found, _ in rounds)
            yield kind, f"p99 ms at {n}, worst of {ROUNDS} rounds", worst
            seconds = sum(took for _, took in rounds)
            yield kind, f"requests a second at {n}", len(waits) / seconds


async def crowd(port, films, rng):
    """Return, of each connection of a crowd, the wait for its first list, and how many.

    The wait of one that has none is infinite.
    """
    first, answers = np.full(CROWD, np.inf), np.zeros(CROWD, dtype=int)
    one = await Connection(port).open()
    who = await visitor(one, films, rng)
    await one.close()

    async def asking(i):
        await asyncio.sleep(i / CROWD)  # the house is full when the last one comes
        begin = time.perf_counter()
        connection = await Connection(port).open()
        try:
            while True:
                status, _ = await connection.ask("GET", "/api/recommendations", who=who)
                assert status == 200, status
                first[i] = min(first[i], time.perf_counter() - begin)
                answers[i] += 1
        finally:
            connection.writer.close()

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CROWD_SECONDS):
            await asyncio.gather(*map(asking, range(CROWD)))
    return first, answers


def in_a_crowd(port, films):
    """Yield a row for each measure of how the service treats a crowd."""
    first, answers = asyncio.run(crowd(port, films, np.random.default_rng(1)))
    what = f"{CROWD} that never rest"
    yield what, f"without a list after {CROWD_SECONDS} s", (answers == 0).sum()
    yield what, "longest wait for a first list, s", first[answers > 0].max()
    yield what, "fewest lists", answers.min()
    yield what, "most lists", answers.max()


def recall(bundle, ratings, k=100):
    """Share of the exact k best films that the index finds, each person's own stars."""
    shares = []
    for user in range(ratings.n_users):
        row = ratings.csr[[user]]
        vector = bundle.retrieval.user_vector(row.indices, row.data)
        exact = np.argsort(-(bundle.retrieval.films @ vector), kind="stable")[:k]
        shares.append(np.isin(exact, bundle.search(vector, k)[0]).mean())
    return np.array(shares)


@contextlib.contextmanager
def started(store):
    """The service, from nothing to its first page; gives its port and the seconds."""
    command = [sys.executable, "-m", "recbook.app", "--port", "0"]
    begin = time.perf_counter()
    with subprocess.Popen(
        [*command, "--store", str(store)], stdout=subprocess.PIPE, text=True
    ) as service:
        try:
            lines = iter(service.stdout.readline, "")
            found = (re.search(r"http://\S+", line) for line in lines)
            url = next(filter(None, found), None)
            if url is None:
                sys.exit("the service did not start, as said above")
            urllib.request.urlopen(url.group()).read()
            seconds = time.perf_counter() - begin
            yield int(url.group().rstrip("/").rpartition(":")[2]), seconds
        finally:  # whatever fails, nothing is left running
            service.terminate()


def main():
    rows = []

    def note(row):
        rows.append(row)
        print(row, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        os.environ["RECBOOK_PROJECT"] = folder
        with started(Path(folder) / "visitors.sqlite") as (port, seconds):
            note(("from raw files", "seconds", seconds))
            films = project.data().ratings.item_ids
            for row in under_load(port, films):
                note(row)
            for row in in_a_crowd(port, films):
                note(row)
        shares = recall(bundles.read(bundles.make()), project.data().ratings)
        note(("index", "recall@100", shares.mean()))
        note(("index", "recall@100, worst person", shares.min()))
        name, is_real = project.data().name, project.data().is_real
    table = pd.DataFrame(rows, columns=["what", "measure", "value"]).round(4)
    facts = {"data": name, "real": is_real, "rounds": ROUNDS, "requests": REQUESTS}
    load = round(os.getloadavg()[0], 1)
    write_results("service", table, **facts, films_rated=RATED, load_average=load)
    print(table.to_string())


if __name__ == "__main__":
    main()
