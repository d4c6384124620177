"""The service over real connections: what it answers, and all that it refuses."""

import asyncio
import json
import re
import socket
import time
from types import SimpleNamespace

import pytest
from standin import SCRIPT, Service, StandIn

from recbook.app.guard import Guard
from recbook.app.metrics import Metrics
from recbook.app.server import create_app
from recbook.app.storefile import StoreBusy


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("app") / "visitors.sqlite") as service:
        yield service
        log = "".join(service.log)
        assert service.stop() == 0
        assert "Traceback" not in log


@pytest.fixture
def ann(service):
    """Somebody new, who asks from now on."""
    service.who = service.visitor()
    yield service.who
    service.who = None


def sentence(answer, status):
    """The error of an answer; one sentence, in JSON, with no trace of the code."""
    assert answer[0] == status, answer[2]
    assert set(answer[2]) == {"error"}
    said = answer[2]["error"]
    assert "Traceback" not in said
    assert "\n" not in said
    assert ".py" not in said
    return said


# What it does


def test_a_visit_from_the_first_star_to_a_list_with_reasons(service):
    status, _, new = service.ask("POST", "/api/visitor")
    ann = service.who = new["visitor"]
    assert status == 201
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", ann)
    _, _, found = service.ask("GET", "/api/films?q=alien&limit=5")
    assert found["films"] == [
        {
            "id": 7,
            "title": "Alien (1979)",
            "year": 1987,
            "genres": ["Comedy"],
            "poster": "08f",
        }
    ]
    alien = found["films"][0]
    path = "/api/ratings/7"
    status, _, said = service.ask("PUT", path, {"stars": 5})
    assert (status, said) == (200, {"id": 7, "stars": 5})
    _, _, kept = service.ask("GET", "/api/ratings")
    assert kept == {"ratings": [alien | {"stars": 5}]}
    _, _, found = service.ask("GET", "/api/recommendations?k=3")
    assert len(found["recommendations"]) == 3
    assert found["recommendations"][0] == {
        "id": 1,
        "title": "Film 1 (1990)",
        "year": 1981,
        "genres": ["Comedy"],
        "poster": "",
        "score": 1.0,
        "stars": 4.0,
        "reason": {"film": 7, "title": "Alien (1979)", "closeness": 0.5},
    }
    assert service.ask("DELETE", path)[0] == 204
    assert service.ratings(ann) == {}
    service.who = None


def test_the_score_of_one_film_is_told_as_a_sum(service, ann):
    status, _, why = service.ask("GET", "/api/recommendations/8")
    assert status == 200
    assert why == {"id": 8, "score": 1.0, "own": 1.0, "added": [], "others": 0.0}
    said = sentence(service.ask("GET", "/api/recommendations/4711"), 404)
    assert "film" in said
    assert "film_id" in sentence(service.ask("GET", "/api/recommendations/x"), 422)


def test_tastes_to_begin_with_are_lists_of_films(service):
    _, _, found = service.ask("GET", "/api/tastes")
    assert [taste["genre"] for taste in found["tastes"]] == ["Comedy"]
    films = found["tastes"][0]["films"]
    assert [film["id"] for film in films] == [7, 9]
    assert films[0].keys() == {"id", "title", "year", "genres", "poster"}


def test_what_nobody_rated_is_popular(service, ann):
    _, _, found = service.ask("GET", "/api/recommendations")
    assert found["recommendations"][0]["reason"] == {"popular": 3}


def test_filters_reach_the_engine_and_empty_ones_are_none(service, ann):
    path = "/api/recommendations"
    _, _, plain = service.ask("GET", path)
    empty = "?k=10&genre=&from_year=&to_year=&diversity=0"
    assert service.ask("GET", path + empty)[2] == plain
    _, _, found = service.ask("GET", path + "?genre=Drama&genre=&from_year=1995&k=4")
    assert len(found["recommendations"]) == 4
    for film in found["recommendations"]:
        assert "Drama" in film["genres"]
        assert film["year"] >= 1995


def test_a_probe_may_ask_for_the_head_alone(service):
    status, headers, said = service.ask("HEAD", "/health")
    assert (status, said) == (200, "")
    assert int(headers["content-length"]) > 0


def test_rating_again_is_the_same_rating(service, ann):
    for stars in (3, 3, 5):
        assert service.rate(ann, 7, stars) == 200
    assert service.ratings(ann) == {7: 5}


def test_a_visitor_can_be_deleted_and_nobody_else_is(service, ann):
    bob = service.visitor()
    for who in (ann, bob):
        assert [service.rate(who, film, 4) for film in (7, 8)] == [200, 200]
    for _ in range(2):  # and once more does no harm
        status, _, said = service.ask("DELETE", "/api/visitor")
        assert (status, said) == (204, "")
    assert (service.ratings(ann), service.ratings(bob)) == ({}, {7: 4, 8: 4})
    assert service.ask("DELETE", "/api/visitor", who="x")[0] == 401


def test_visitors_do_not_meet(service, ann):
    bob = service.visitor()
    service.rate(ann, 7, 5)
    service.rate(bob, 7, 1)
    assert (service.ratings(ann), service.ratings(bob)) == ({7: 5}, {7: 1})


# Wrong types, unknown ids


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"stars": "4"}, "not a text"),
        ({"stars": 4.0}, "not a number with a point"),
        ({"stars": True}, "not true or false"),
        ({"stars": None}, "not nothing"),
        ({"stars": [4]}, "not a list"),
        ({"stars": {"stars": 4}}, "not an object"),
        ({"stars": 0}, "outside"),
        ({"stars": 6}, "outside"),
        ({"stars": -1}, "outside"),
        (b'{"stars": ' + b"9" * 900 + b"}", "outside"),
        (b'{"stars": NaN}', "number with a point"),
        (b'{"stars": 1e999}', "number with a point"),
        ({}, "missing"),
        ({"stars": 4, "<b>visitor</b>": 1}, "the body must be"),
        ([4], "the body must be"),
        (4, "the body must be"),
        (None, "the body must be"),
        (b"", "the body must be"),
        (b"{", "the body must be"),
        (b"\xff\xfe", "the body must be"),
        (b"[" * 500 + b"]" * 500, "the body must be"),
    ],
)
def test_a_wrong_body_is_refused(service, ann, body, why):
    path = "/api/ratings/7"
    headers = {"Content-Type": "application/json"}
    said = sentence(service.ask("PUT", path, body, headers), 422)
    assert why in said
    assert "<b>" not in said
    assert '{"stars": 4}' in said  # the way out
    assert service.ratings(ann) == {}


@pytest.mark.parametrize("film", ["0", "99", "-1", "9" * 19, "9" * 4000])
def test_an_unknown_film_is_not_found(service, ann, film):
    path = f"/api/ratings/{film}"
    assert "no such film" in sentence(service.ask("PUT", path, {"stars": 4}), 404)
    assert "no such film" in sentence(service.ask("DELETE", path), 404)


@pytest.mark.parametrize("film", ["7.0", "0_7", "%2B7", "%207", "7%00"])
def test_a_film_has_one_address(service, ann, film):
    path = f"/api/ratings/{film}"
    said = sentence(service.ask("PUT", path, {"stars": 4}), 422)
    assert "film_id must be a whole number" in said
    assert service.ratings(ann) == {}


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer x", "Bearer ' OR '1'='1", "Bearer \xff",
     "Bearer " + "A" * 23, "Basic " + "A" * 22, "A" * 22],
)  # fmt: skip
def test_what_is_no_visitor_is_refused(service, header):
    headers = {} if header is None else {"Authorization": header}
    for method, path, body in [
        ("GET", "/api/ratings", None),
        ("GET", "/api/recommendations", None),
        ("PUT", "/api/ratings/7", {"stars": 4}),
        ("DELETE", "/api/ratings/7", None),
    ]:
        answer = service.ask(method, path, body, headers)
        assert "`Authorization: Bearer TOKEN`" in sentence(answer, 401)
        assert answer[1]["www-authenticate"] == "Bearer"


def test_a_visitor_in_the_address_is_nobody(service):
    """An address stands in the log of every proxy on the way."""
    path = f"/api/visitors/{service.visitor()}/ratings"
    assert service.ask("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("k=0", "k must be a whole number from 1 to 100"),
        ("k=101", "outside"),
        ("k=ten", "not a text"),
        ("k=1.0", "not a text"),
        ("k=1_0", "not a text"),
        ("k=" + "9" * 5000, "k must be"),
        ("diversity=2", "diversity must be a number from 0 to 1"),
        ("diversity=nan", "diversity"),
        ("from_year=-5", "from_year must be a year"),
        ("to_year=soon", "to_year"),
        ("from_year=2000&to_year=1990", "must not be after"),
        ("genre=Nonsense", "one of: Comedy, Drama"),
        ("genre=" + "x" * 500, "genre"),
        ("&".join(["genre=Drama"] * 30), "at most 20"),
    ],
)
def test_a_wrong_wish_is_refused(service, ann, query, why):
    path = f"/api/recommendations?{query}"
    assert why in sentence(service.ask("GET", path), 422)


# What people type to break in


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 --", "'; DROP TABLE ratings; --", '" UNION SELECT digest FROM visitors',
     "%", "_", "*", "\0", "\\", "${7*7}", "{{7*7}}", "../../etc/passwd", "\ud800"],
)  # fmt: skip
def test_the_search_box_takes_text_for_text(service, ann, text):
    service.rate(ann, 7, 5)
    quoted = "".join(f"%{b:02x}" for b in text.encode(errors="surrogatepass"))
    status, _, found = service.ask("GET", f"/api/films?q={quoted}")
    assert (status, found) == (200, {"films": []})
    assert service.ratings(ann) == {7: 5}


def test_a_text_too_long_to_be_a_title_is_refused(service):
    said = sentence(service.ask("GET", "/api/films?q=" + "a" * 201), 422)
    assert "q must be a text of at most 200 characters" in said


def test_script_in_a_title_stays_text(service, ann):
    _, headers, found = service.ask("GET", "/api/films?q=script")
    assert found["films"][0]["title"] == SCRIPT
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    service.rate(ann, 9, 5)
    _, _, kept = service.ask("GET", "/api/ratings")
    assert kept["ratings"][0]["title"] == SCRIPT


@pytest.mark.parametrize(
    "path",
    ["/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py",
     "/static/%2e%2e%2f%2e%2e%2fratings.py", "/static//etc/passwd", "/static/%00",
     "/static/index.html%00.js", "/static/" + "a" * 8000, "/api/ratings/../../health",
     "/api/ratings/%2e%2e/%2e%2e/health", "/static/..\\server.py", "/.git/config",
     "/docs", "/openapi.json", "//evil.example/", "/<script>alert(1)</script>"],
)  # fmt: skip
def test_no_path_leads_out(service, path):
    said = sentence(service.ask("GET", path), 404)
    assert "nothing at this address" in said
    assert "script" not in said


def test_a_method_that_is_not_meant_is_refused(service, ann):
    for method, path in [
        ("POST", "/health"),
        ("DELETE", "/api/ratings"),
        ("PATCH", "/api/ratings/7"),
    ]:
        _, headers, _ = answer = service.ask(method, path, {})
        assert "does not take that method" in sentence(answer, 405)
        assert headers["allow"]
    assert headers["allow"] == "DELETE, PUT"  # two routes of one address


# Bodies too large, too slow, of another kind


@pytest.mark.parametrize("size", [1025, 100_000, 900_000])
def test_a_body_too_large_is_refused(service, ann, size):
    path = "/api/ratings/7"
    body = b'{"stars": 4' + b" " * size + b"}"
    assert "at most 1024 bytes" in sentence(service.ask("PUT", path, body), 413)
    assert service.ratings(ann) == {}


def test_the_largest_body_that_is_allowed_is_read(service, ann):
    body = b'{"stars": 4' + b" " * (1024 - 12) + b"}"
    assert len(body) == 1024
    assert service.ask("PUT", "/api/ratings/7", body)[0] == 200


def head(path, who, *lines, method="PUT"):
    kind, who = "Content-Type: application/json", f"Authorization: Bearer {who}"
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", kind, who, *lines, "", ""]
    return "\r\n".join(lines).encode()


def test_a_chunked_body_counts_as_it_comes(service, ann):
    path = "/api/ratings/7"
    start = head(path, ann, "Transfer-Encoding: chunked", "Connection: close")
    whole = service.raw(start, b'6\r\n{"star\r\n', b'6\r\ns": 4}\r\n0\r\n\r\n')
    assert whole.startswith(b"HTTP/1.1 200")
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    large = service.raw(start, chunk * 3, b"0\r\n\r\n")
    assert large.startswith(b"HTTP/1.1 413")
    assert service.ratings(ann) == {7: 4}


def test_an_endless_body_is_cut_off(service, ann):
    path = "/api/ratings/7"
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as sock:
        sock.sendall(head(path, ann, "Transfer-Encoding: chunked"))
        sent = pour(sock, b"10000\r\n" + b" " * 65536 + b"\r\n")
    assert sent < 20 * 2**20
    assert service.ask("GET", "/health")[0] == 200


def test_a_huge_promise_is_refused_before_it_is_kept(service, ann):
    path = "/api/ratings/7"
    for promise in ("1025", "9" * 12):
        lines = [f"Content-Length: {promise}", "Expect: 100-continue"]
        got = service.raw(head(path, ann, *lines))
        assert got.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("size", [2**20 + 1, 2**63, 10**30])
def test_a_promise_too_large_to_be_read_is_not_waited_for(size):
    async def never():
        raise AssertionError("it waits for the body")

    async def send(message):
        sent.append(message)

    sent, headers = (
        [],
        [(b"host", b"localhost"), (b"content-type", b"application/json")],
    )
    headers.append((b"content-length", b"%d" % size))
    scope = {"type": "http", "method": "PUT", "path": "/x", "headers": headers}
    asyncio.run(Guard(None, Metrics())(scope, never, send))
    assert sent[0]["status"] == 413


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""],
)
def test_only_json_is_written(service, ann, kind):
    """A form on another site's page can send these three without being asked."""
    path = "/api/ratings/7"
    answer = service.ask("PUT", path, {"stars": 4}, {"Content-Type": kind})
    assert "application/json" in sentence(answer, 415)
    answer = service.ask("POST", "/api/visitor", b"a=b", {"Content-Type": kind})
    assert "application/json" in sentence(answer, 415)


def test_another_sites_page_may_not_write(service, ann):
    path, port = "/api/ratings/7", service.port
    own = f"127.0.0.1:{port}"
    for origin in (
        "http://evil.example",
        "null",
        f"http://127.0.0.1:{port + 1}",
        f"x://{own}",
        f"ftp://{own}",
    ):
        answer = service.ask("PUT", path, {"stars": 4}, {"Origin": origin})
        assert "own page" in sentence(answer, 403)
        answer = service.ask("POST", "/api/visitor", None, {"Origin": origin})
        assert "own page" in sentence(answer, 403)
    for scheme in ("http", "https"):  # or a proxy of this machine speaks TLS for us
        headers = {"Origin": f"{scheme}://{own}"}
        assert service.ask("PUT", path, {"stars": 4}, headers)[0] == 200


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)],
)
def test_what_a_browser_says_of_a_requests_site_counts(service, ann, site, status):
    path, headers = "/api/ratings/7", {"Sec-Fetch-Site": site}
    assert service.ask("PUT", path, {"stars": 4}, headers)[0] == status
    assert service.ask("GET", "/", None, headers)[0] == 200  # a link may lead here


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "192.0.2.1", "", "[::1]evil.example", "[::1",
     "localhost@evil.example", "localhost.evil.example", "127.1", "a b"],
)  # fmt: skip
def test_a_name_that_is_not_its_own_is_refused(service, host):
    """Or a page of evil.example, its name now that of 127.0.0.1, could read along."""
    answer = service.ask("GET", "/health", None, {"Host": host})
    assert "--allow-host" in sentence(answer, 421)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:99", "[::1]:8000", "LOCALHOST"]
)
def test_its_own_names_are_taken(service, host):
    assert service.ask("GET", "/health", None, {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "data",
    [b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00",
     b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
     b"PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     b"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
     b"Content-Type: application/json\r\n\r\nzz\r\n"],
)  # fmt: skip
def test_what_is_not_http_is_refused(service, data):
    got = service.raw(data)
    assert got == b"" or got.startswith((b"HTTP/1.1 400", b"HTTP/1.1 421"))
    assert service.ask("GET", "/health")[0] == 200


def test_a_request_for_two_hosts_is_refused(service):
    for hosts in (("evil.example", "localhost"), ("localhost", "localhost")):
        lines = "".join(f"Host: {host}\r\n" for host in hosts)
        got = service.raw(f"GET /health HTTP/1.1\r\n{lines}\r\n".encode())
        assert got.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("size", [b"zz", b"-c", b"F" * 21])
def test_a_body_that_breaks_off_is_told_so(service, ann, size):
    start = head("/api/ratings/7", ann, "Transfer-Encoding: chunked")
    got = service.raw(start + size + b'\r\n{"stars": 4}\r\n')
    assert got.startswith(b"HTTP/1.1 400")
    assert got.count(b"HTTP/1.1") == 1
    assert service.ratings(ann) == {}


def test_nonsense_behind_a_request_is_not_taken_for_its_answer(service, ann):
    """What came whole may be done by then, and "400" would say that it is not."""
    body = b'{"stars": 4}'
    start = head("/api/ratings/7", ann, f"Content-Length: {len(body)}")
    got = service.raw(start + body + b"\0nonsense\r\n\r\n")
    assert not got.startswith(b"HTTP/1.1 4")


def test_a_head_that_fits_is_taken(service):
    line = b"X-Filler: " + b"x" * 1000 + b"\r\n"
    start = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
    fits = start + line * 15 + b"Connection: close\r\n\r\n"
    assert service.raw(fits).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("endless", [b"h1: v\r\n" * 5000, b"x" * 40_000])
@pytest.mark.parametrize(
    "start",
    [head("/health", "", "t: ", method="GET")[:-4],
     head("/api/ratings/7", "", "Transfer-Encoding: chunked") + b"0\r\nt: "],
    ids=["head", "trailer"],
)  # fmt: skip
def test_an_endless_head_or_trailer_is_cut_off(service, start, endless):
    """Or one client alone would fill the memory with it."""
    with connected(service) as sock:
        sock.sendall(start)
        assert pour(sock, endless) < 20 * 2**20
    assert service.ask("GET", "/health")[0] == 200


# Headers, metrics, logs


def test_every_answer_says_how_little_the_page_may_do(service, ann):
    for answer in (
        service.ask("GET", "/health"),
        service.ask("GET", "/nothing"),
        service.ask("GET", "/api/ratings"),
        service.ask("PUT", "/api/ratings/7", {"stars": 9}),
        service.ask("GET", "/", None, {"Host": "evil.example"}),
    ):
        headers = answer[1]
        policy = headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert not any("unsafe" in rule or "*" in rule for rule in policy)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


def count(service, start):
    _, headers, text = service.ask("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain")
    found = [line for line in text.splitlines() if line.startswith(start)]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_metrics_count_by_template_and_name_nobody(service, ann):
    route = "/api/ratings/{film_id}"
    mine = f'recbook_requests_total{{method="PUT",route="{route}",status="200"}}'
    before, written = count(service, mine), count(service, "recbook_ratings_written_t")
    for stars in (1, 2, 3):
        service.rate(ann, 7, stars)
    service.rate(ann, 99, 3)
    assert count(service, mine) == before + 3
    assert count(service, "recbook_ratings_written_total") == written + 3
    service.ask("GET", "/api/recommendations")
    assert count(service, 'recbook_engine_seconds_count{call="recommend"}') > 0
    text = service.ask("GET", "/metrics")[2]
    assert ann not in text + "".join(service.log)


def test_made_up_paths_make_no_new_series(service):
    before = len(service.ask("GET", "/metrics")[2].splitlines())
    service.ask("GET", "/made-up-0")
    first = len(service.ask("GET", "/metrics")[2].splitlines())
    for i in range(20):
        service.ask("GET", f"/made-up-{i}")
    assert len(service.ask("GET", "/metrics")[2].splitlines()) <= max(first, before) + 2


# In process: what can't be waited for


async def call(
    app,
    method="GET",
    path="/health",
    headers=(),
    body=b"",
    host=b"localhost",
    client="127.0.0.1",
):
    """One request to an ASGI application; returns status, headers, JSON."""
    scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    scope |= {"headers": [(b"host", host), *headers], "raw_path": path.encode()}
    scope |= {"client": (client, 5000)}
    given, sent = iter([{"type": "http.request", "body": body}]), []

    async def receive():
        return next(given, {"type": "http.disconnect"})

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    content = b"".join(m.get("body", b"") for m in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(content)


async def fine(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", [], 200),
        ("::1", [], 200),
        ("::ffff:127.0.0.1", [], 200),
        ("192.0.2.7", [], 403),
        ("2001:db8::1", [], 403),
        ("127.0.0.1", [(b"x-forwarded-for", b"192.0.2.7")], 403),  # through a proxy
        ("127.0.0.1", [(b"forwarded", b"for=192.0.2.7")], 403),
    ],
)
def test_only_this_machine_reads_the_metrics(client, headers, status):
    """How busy a service is, and how its disk does, is the business of who runs it."""
    for app, wanted in [
        (Guard(fine, Metrics()), status),
        (Guard(fine, Metrics(), open_metrics=True), 200),
    ]:
        got = asyncio.run(call(app, "GET", "/metrics", headers, client=client))
        assert got[0] == wanted
        assert wanted == 200 or "--open-metrics" in got[2]["error"]
        assert asyncio.run(call(app, client=client, headers=headers))[0] == 200


def test_more_at_once_than_it_can_do_is_told_to_wait():
    async def crowd():
        async def slow(scope, receive, send):
            await asyncio.sleep(0.2)
            await fine(scope, receive, send)

        guard = Guard(slow, Metrics(), max_at_once=5)
        first = await asyncio.gather(*(call(guard) for _ in range(20)))
        return first, await call(guard)

    first, after = asyncio.run(crowd())
    assert sorted(status for status, _, _ in first) == [200] * 5 + [503] * 15
    assert all(h[b"retry-after"] == b"1" for s, h, _ in first if s == 503)
    assert after[0] == 200


def test_who_sends_no_body_takes_nobodys_place():
    """A thousand of them, 500 bytes promised and none sent, and all others hear 503."""

    async def crowd():
        guard = Guard(fine, Metrics(), max_at_once=2, patience=60)
        scope = {"type": "http", "method": "PUT", "path": "/x"}
        promised = (b"content-length", b"500"), (b"content-type", b"application/json")
        scope["headers"] = [(b"host", b"localhost"), *promised]
        never = asyncio.Event()
        silent = [guard(dict(scope), never.wait, None) for _ in range(5)]
        silent = [asyncio.create_task(one) for one in silent]
        await asyncio.sleep(0)  # each of them has begun to wait
        status = (await call(guard))[0]
        for one in silent:
            one.cancel()
        await asyncio.gather(*silent, return_exceptions=True)
        return status, guard.at_once

    assert asyncio.run(crowd()) == (200, 0)


def test_an_answer_that_takes_too_long_is_given_up():
    async def stuck(scope, receive, send):
        await asyncio.sleep(60)

    status, _, said = asyncio.run(call(Guard(stuck, Metrics(), patience=0.05)))
    assert status == 503
    assert "it counts once" in said["error"]


def test_a_mistake_of_ours_shows_no_more_than_that(caplog):
    async def broken(scope, receive, send):
        raise RuntimeError("the password is 1234")

    status, _, said = asyncio.run(call(Guard(broken, Metrics())))
    assert status == 500
    assert "1234" not in str(said)
    assert "RuntimeError" in caplog.text  # who runs it finds it in the log


class Full:
    """A store of which every call is the same trouble."""

    last_problem = None

    def __init__(self, error):
        self.error = error

    def __getattr__(self, name):
        def call(*arguments):
            raise self.error

        return call


def test_a_busy_store_is_503_and_its_path_is_nobodys_business(caplog):
    store = Full(StoreBusy("another program holds /home/ann/visitors.sqlite"))
    app = create_app(StandIn(), store)
    status, headers, said = asyncio.run(call(app, path="/api/ratings"))
    assert (status, headers[b"retry-after"]) == (503, b"1")
    assert "/home" not in said["error"]
    assert "/home" in caplog.text
    assert asyncio.run(call(app))[0] == 503  # /health


def test_a_service_open_to_others_takes_numbers_and_its_names():
    guard = Guard(None, Metrics(), hosts=["films.example"], any_address=True)
    hosts = ["films.example:80", "192.0.2.7", "[2001:db8::1]:80", "evil.example"]
    assert [guard.welcomes(host) for host in hosts] == [True, True, True, False]


def test_years_and_genres_of_a_film_may_be_missing():
    films = {1: SimpleNamespace(id=1, title="?", year=None, genres=())}
    engine = SimpleNamespace(films=films, search=lambda q, limit: list(films.values()))
    app = create_app(engine, store=None)
    answer = asyncio.run(call(app, path="/api/films"))
    film = {"id": 1, "title": "?", "year": None, "genres": [], "poster": ""}
    assert answer[2]["films"] == [film]


SLOW = [
    head("/api/ratings/7", "{}", "Content-Length: 12"),
    head("/api/ratings/7", "{}", "Transfer-Encoding: chunked") + b"5\r\n{",
]


def test_slow_clients_hold_nobody_up_and_are_sent_away(tmp_path):
    """Bodies that never end, answers that are never read: all at once, for real."""
    with Service(tmp_path / "s.sqlite", "--patience", "1", n_films=100) as service:
        ann = service.visitor()
        slow = [connected(service) for _ in range(12 * len(SLOW))]
        for sock, start in zip(slow, SLOW * 12, strict=True):
            sock.sendall(start.replace(b"{}", ann.encode()))
        deaf, ask = connected(service), head("/api/films?limit=100", ann, method="GET")
        deaf.sendall(ask * 500)
        for _ in range(5):
            assert service.ask("GET", "/health")[0] == 200
            time.sleep(0.1)
        for sock in slow:  # each hears why, and then the end; nobody waits for ever
            got = b""
            while more := sock.recv(4096):
                got += more
            assert got.startswith(b"HTTP/1.1 408")
            sock.close()
        deaf.close()
        assert service.rate(ann, 7, 5) == 200


def test_many_requests_sent_ahead_are_answered_one_by_one(service):
    """What is not answered yet is not read: a client's requests fill no memory."""
    last = head("/health", "", "Connection: close", method="GET")
    got = service.raw(head("/health", "", method="GET") * 99 + last)
    assert got.count(b"HTTP/1.1 ") == got.count(b"HTTP/1.1 200") == 100


def connected(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=20)


def pour(sock, data, pause=0.0, seconds=20):
    """Send, and never read, until the other side has had enough; return how much."""
    stop, sent = time.monotonic() + seconds, 0
    sock.settimeout(0.2)
    while time.monotonic() < stop:
        try:
            sent += sock.send(data[sent % len(data) :])  # whole, in the end
        except TimeoutError:
            time.sleep(0.1)
        except OSError:
            return sent
        time.sleep(pause)
    raise AssertionError(f"nobody stopped it, after {sent} bytes")
