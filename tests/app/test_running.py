"""The page for whoever runs the service: its commands, files and numbers are true."""

import inspect
import json
import re
import shlex
import subprocess
import sys
import urllib.request
from concurrent.futures import wait
from pathlib import Path
from urllib.parse import urljoin

import pytest
from h11._connection import DEFAULT_MAX_INCOMPLETE_EVENT_SIZE as HEAD
from proxy import PREFIX, below_a_path
from standin import Service, StandIn, bearer

from recbook.app import bundle
from recbook.app.guard import MAX_AT_ONCE, MAX_BODY, PATIENCE
from recbook.app.metrics import Metrics
from recbook.app.options import parser
from recbook.app.server import create_app
from recbook.app.store import Store, new_token

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "chapters/appendix/running-the-service.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, flags=re.M | re.S)


def blocks(kind):
    return [text.replace("\\\n", "") for found, text in BLOCKS if found == kind]


[UNIT], [NGINX], [CADDY] = blocks("ini"), blocks("nginx"), blocks("text")


def options(line):
    """What the service's own parser makes of a command."""
    return parser().parse_args(shlex.split(line.partition("-m recbook.app")[2]))


def setting(name):
    [value] = re.findall(rf"^{name}=(.*)$", UNIT, flags=re.M)
    return value


def test_the_unit_starts_the_service_in_its_own_folder():
    asked = options(setting("ExecStart"))
    folder = Path("/var/lib") / setting("StateDirectory")
    assert asked.store.parent == asked.bundle.parent == folder
    assert asked.host == "127.0.0.1"
    assert int(setting("LimitNOFILE")) >= 2 * MAX_AT_ONCE


def test_the_folder_is_made_before_anything_is_put_in_it():
    """systemd makes it too, but at the first start, and useradd makes none."""
    lines = [line for text in blocks("console") for line in text.splitlines()]
    user, folder = setting("User"), f"/var/lib/{setting('StateDirectory')}"
    made = lines.index(f"# install -d -o {user} -g {user} -m 0700 {folder}")
    for number, line in enumerate(lines):
        assert number > made or f"{folder}/" not in line
        words = line.split()
        if words[1] == "cp":  # by root: the service must be able to read it
            assert lines[number + 1].startswith("# chown ")
            assert lines[number + 1].endswith(f"{user}: {words[-1]}")


def test_the_proxies_ask_the_port_and_the_name_of_the_unit():
    asked = options(setting("ExecStart"))
    upstream, [name] = f"127.0.0.1:{asked.port}", asked.allow_host
    assert f"proxy_pass http://{upstream}/;" in NGINX  # its last / cuts the prefix off
    assert f"reverse_proxy {upstream}\n" in CADDY
    assert f"server_name {name};" in NGINX
    assert f"\n{name} {{\n" in CADDY
    for text in (f"location {PREFIX}/ {{", "proxy_set_header Host $http_host;"):
        assert text in NGINX
    assert f"handle_path {PREFIX}/* {{" in CADDY
    for config in (NGINX, CADDY):
        assert config.count("{") == config.count("}")
        assert re.search(r"/metrics .*404", config)


def test_a_proxy_waits_longer_than_the_service_and_has_the_files_for_it():
    body, answer = (
        int(re.search(rf"\b{name} (\d+)s", CADDY)[1]) for name in ("read_body", "write")
    )
    assert PATIENCE < body < answer, "or it cuts off the service's own 408"
    files = int(re.search(r"`worker_rlimit_nofile (\d+);`", PAGE)[1])
    connections = int(re.search(r"`worker_connections` to (\d+)", PAGE)[1])
    assert files >= 2 * connections, "a request has one to the service, too"


def test_each_command_of_the_page_is_one_of_the_service():
    lines = [line for text in blocks("console") for line in text.splitlines()]
    commands = [options(line) for line in lines if "-m recbook.app" in line]
    commands.append(options(setting("ExecStart")))
    assert any(command.backup for command in commands)
    for command in commands:
        assert command.store == commands[-1].store
        assert command.backup or command.bundle == commands[-1].bundle is not None
    [delete] = [line for line in lines if "curl -X DELETE" in line]
    app = create_app(StandIn(n_films=1), store=None)
    assert delete.endswith(PREFIX + app.url_path_for("forget"))
    named = re.findall(r"`(--[a-z-]+)`", PAGE)
    assert {*named} <= {*parser()._option_string_actions}


def test_the_limits_are_those_of_the_code():
    rows = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|[^|]*\|[^|]*\|$", PAGE, re.M))
    default = inspect.signature(Store).parameters
    assert default["max_bytes"].default == parser().get_default("max_store") * 2**20
    assert parser().get_default("patience") == PATIENCE
    assert rows == {
        "what": "limit",
        "connections": f"{int(setting('LimitNOFILE')):,}, less a few files of its own",
        "requests under way": f"{MAX_AT_ONCE:,}",
        "head of a request": f"{HEAD // 2**10} KiB, or what comes in one piece",
        "body of a request": f"{MAX_BODY:,} bytes",
        "patience with a slow body": f"{PATIENCE:.0f} s",
        "stars that wait to be written": f"{default['max_waiting'].default:,}",
        "size of the store": f"{parser().get_default('max_store'):,} MB",
        "time that stars are kept": "no limit",
    }
    assert parser().get_default("keep") is None


def test_a_visitor_takes_as_much_room_as_the_page_says(tmp_path):
    path = tmp_path / "visitors.sqlite"
    [(stars, size)] = re.findall(r"with (\d+) stars takes about (\d+) bytes", PAGE)
    with Store(path, StandIn().films.values()) as store:
        empty = path.stat().st_size
        visitors = [new_token() for _ in range(80)]
        wait([store.rate(v, i, 4) for v in visitors for i in range(1, int(stars) + 1)])
    assert 0.7 < (path.stat().st_size - empty) / 80 / int(size) < 1.4
    [limit] = re.findall(r"a store of ([\d,]+) MB holds about two million", PAGE)
    assert 1.8e6 < int(limit.replace(",", "")) * 2**20 / int(size) < 2.3e6


def test_the_process_takes_as_much_memory_as_the_page_says(tmp_path):
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("only Linux tells what is a process's own")
    bundle.write(bundle.toy(), tmp_path / "models")  # what it reads is the least of it
    command = [sys.executable, "-m", "recbook.app", "--port", "0"]
    command += ["--bundle", tmp_path / "models", "--store", tmp_path / "s.sqlite"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline()  # it listens
        rows = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        process.terminate()
    megabytes = int(re.search(r"^Anonymous: +(\d+) kB", rows, re.M)[1]) / 1000
    [said] = re.findall(r"about (\d+) MB of its own", PAGE)
    assert 0.6 < megabytes / int(said) < 1.2


def test_the_metrics_are_there_by_these_names():
    metrics = Metrics()
    metrics.count("GET", "/health", 200, seconds=0.1)
    named = re.findall(r"^\| `(recbook_\w+)`", PAGE, flags=re.M)
    assert len(named) == 5
    for name in named:
        assert f"\n# HELP {name} " in "\n" + metrics.text()


def fetch(url, method="GET", body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status, answer.read().decode(errors="replace")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("app") / "visitors.sqlite") as service:
        yield service


def test_all_of_it_works_below_a_path(service):
    with below_a_path(service.port) as (page, log):
        html = fetch(page)[1]
        parts = re.findall(r'(?:src|href)="([^"#]+)"', html)
        assert len(parts) == 10
        for part in parts:
            assert fetch(urljoin(page, part))[0] == 200
        scripts = sorted({part for part in parts if part.endswith(".js")})
        text = "".join(fetch(urljoin(page, part))[1] for part in scripts)
        assert re.findall(r"fetch\([`\"]([^`\"]+)", text) == ["api/${path}", "health"]
        imported = set(re.findall(r'from "\./([^"]+)"', text))  # what is loaded ahead
        assert {f"static/{name}" for name in imported | {"app.js"}} == set(scripts)
        own = {"Origin": page.removesuffix(f"{PREFIX}/")}
        ann = json.loads(fetch(page + "api/visitor", "POST", **own)[1])["visitor"]
        own |= bearer(ann)
        kind, star = {"Content-Type": "application/json"}, page + "api/ratings/7"
        assert fetch(star, "PUT", {"stars": 5}, **kind, **own)[0] == 200
        listed = json.loads(fetch(page + "api/recommendations?k=3", **own)[1])
        assert listed["recommendations"][0]["reason"]["film"] == 7
        assert fetch(page + "api/visitor", "DELETE", **own) == (204, "")
        assert json.loads(fetch(page + "api/ratings", **own)[1]) == {"ratings": []}
        assert len(log) == 1 + len(parts) + len(scripts) + 5
        assert not any(ann in line for line in log)
