"""The service with a stand-in for its engine, started for real as another process."""

import contextlib
import http.client
import json
import queue
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

SCRIPT = "<script>alert(1)</script> (1999)"


class StandIn:
    """What the service asks of an engine, in a few lines: the first films not rated."""

    name = "no data"
    posters = {7: "08f"}

    def __init__(self, n_films=60, seconds=0.0):
        titles = {7: "Alien (1979)", 8: "Amélie (2001)", 9: SCRIPT}
        self.seconds = seconds  # that a list takes
        self.films = {
            i: SimpleNamespace(
                id=i,
                title=titles.get(i, f"Film {i} (1990)"),
                year=1980 + i % 20 if i % 10 else None,
                genres=("Drama", "Comedy")[i % 2 :],
            )
            for i in range(1, n_films + 1)
        }

    @property
    def tastes(self):
        return [("Comedy", [self.films[7], self.films[9]])]

    def explain(self, rated, film_id):
        return {"id": film_id, "score": 1.0, "own": 1.0, "added": [], "others": 0.0}

    def search(self, text, limit):
        found = [f for f in self.films.values() if text.lower() in f.title.lower()]
        return found[:limit]

    def recommend(self, rated, k=10, genres=(), years=None, diversity=0.0):
        time.sleep(self.seconds)
        reason = {"popular": 3}
        if rated:
            first = self.films[next(iter(rated))]
            reason = {"film": first.id, "title": first.title, "closeness": 0.5}
        fits = [
            f
            for f in self.films.values()
            if f.id not in rated
            and (not genres or set(genres) & set(f.genres))
            and (years is None or (f.year or 0) >= (years[0] or 0))
        ]
        return [
            SimpleNamespace(
                film_id=f.id, score=1.0, stars=4.0, reason=reason, **vars(f)
            )
            for f in fits[:k]
        ]


def bearer(token):
    """The header that says who asks; none for None."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


class Service:
    """A running service; `ask` is one request on a connection of its own."""

    who = None

    def __init__(
        self,
        store,
        *arguments,
        file_size=None,
        open_files=None,
        reads_log=True,
        **engine,
    ):
        limits = {"RLIMIT_FSIZE": file_size, "RLIMIT_NOFILE": open_files}
        command = [sys.executable, __file__, json.dumps(limits), json.dumps(engine)]
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--store", str(store), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log, self._said = [], queue.Queue()
        for stream, put in (
            (self.process.stdout, self._said.put),
            (self.process.stderr, self.log.append),
        )[: 1 + reads_log]:
            threading.Thread(target=self._copy, args=(stream, put), daemon=True).start()
        self.line = self._said.get(timeout=60)
        if self.line is None:
            self.process.wait(timeout=10)
            raise AssertionError(f"it did not start: {''.join(self.log)}")
        self.host, _, port = self.line.split()[1].rpartition("//")[2].rpartition(":")
        self.port = int(port)

    @staticmethod
    def _copy(stream, put):
        with stream:
            for line in stream:
                put(line)
        if put.__name__ == "put":
            put(None)

    def connect(self, timeout=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, connection=None, who=None):
        """Return (status, headers, what the JSON says or the text).

        `who` is the token of who asks, and `self.who` where none is given.
        """
        own = connection is None
        connection = connection or self.connect()
        headers = {**bearer(who or self.who), **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            if own:
                connection.close()
        if content and "json" in answer.headers.get("content-type", ""):
            content = json.loads(content)
        return answer.status, answer.headers, content

    def raw(self, *pieces, pause=0.0, timeout=20):
        """Send bytes as they are; return all that comes until the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as sock:
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(pause)
            got = b""
            with contextlib.suppress(ConnectionResetError):
                while more := sock.recv(65536):
                    got += more
        return got

    def visitor(self):
        return self.ask("POST", "/api/visitor")[2]["visitor"]

    def rate(self, visitor, film_id, stars, connection=None):
        path, body = f"/api/ratings/{film_id}", {"stars": stars}
        return self.ask("PUT", path, body, connection=connection, who=visitor)[0]

    def ratings(self, visitor):
        listed = self.ask("GET", "/api/ratings", who=visitor)[2]["ratings"]
        assert len({row["id"] for row in listed}) == len(listed)
        return {row["id"]: row["stars"] for row in listed}

    def kill(self):
        """As the kernel does when memory is short: no goodbye."""
        self.process.kill()
        self.process.wait(timeout=20)

    def stop(self):
        """As an operator does; returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.kill()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from recbook.app.__main__ import main

    for name, limit in json.loads(sys.argv[1]).items():
        if limit is not None:  # a size: as good as a full disk
            import resource

            number = getattr(resource, name)
            hard = resource.RLIM_INFINITY if name == "RLIMIT_FSIZE" else limit
            resource.setrlimit(number, (limit, hard))
    engine = StandIn(**json.loads(sys.argv[2]))
    sys.exit(main(sys.argv[3:], load=lambda folder: engine))
