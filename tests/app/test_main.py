"""The command line: what it says, where it listens, what it needs."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from standin import Service, StandIn

from recbook._core.install import install
from recbook.app import __main__ as command
from recbook.app import bundle
from recbook.app.__main__ import MAKE, _bind, _default_store, main
from recbook.app.store import Store
from recbook.app.storefile import StoreError


def test_it_listens_on_loopback_and_says_so_in_one_line(tmp_path):
    with Service(tmp_path / "s.sqlite") as service:
        assert service.line == (
            f"recbook: http://127.0.0.1:{service.port} (Ctrl-C stops it)\n"
        )
        sockets = listening(service.process.pid)
        assert sockets <= {("0100007F", service.port)}  # 127.0.0.1, as Linux writes it
        assert service.stop() == 0
        assert service.log == []


def listening(pid):
    """(address in hex, port) of the TCP sockets that a process listens at."""
    own = set()
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            target = os.readlink(file)
            if target.startswith("socket:["):
                own.add(target[8:-1])
    table = Path("/proc/net/tcp")
    if not table.exists():
        return set()
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    listed = [row[1].split(":") for row in rows if row[3] == "0A" and row[9] in own]
    return {(address, int(port, 16)) for address, port in listed}


def test_open_to_others_it_warns_in_one_line_and_takes_only_known_names(tmp_path):
    arguments = ["--host", "0.0.0.0", "--allow-host", "films.example"]
    with Service(tmp_path / "s.sqlite", *arguments) as service:
        for host, status in [
            ("films.example", 200),
            ("192.0.2.7:8000", 200),
            ("evil.example", 421),
        ]:
            assert service.ask("GET", "/health", None, {"Host": host})[0] == status
        assert service.stop() == 0
        assert service.log[0] == (
            "recbook: 0.0.0.0 is open to other machines; 127.0.0.1 is not\n"
        )


def test_the_loop_knows_that_its_socket_is_tcp():
    """Without uvloop, an answer's body is sent at once only then."""
    with _bind("127.0.0.1", 0) as sock:
        assert sock.proto == socket.IPPROTO_TCP


def test_ratings_are_kept_where_no_cache_is_cleared(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    names = ["MovieLens 100K", "../up"]  # stars of other films never meet
    assert [_default_store(name) for name in names] == [
        tmp_path / "recbook" / "visitors-movielens-100k.sqlite",
        tmp_path / "recbook" / "visitors-up.sqlite",
    ]


@pytest.fixture
def no_home(monkeypatch):
    """As in a container, as a user whom nobody has heard of."""

    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


def test_without_a_home_it_still_helps(no_home, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "visitors-DATA.sqlite" in capsys.readouterr().out


def test_without_a_home_it_asks_for_a_store_before_models_are_made(no_home, capsys):
    asked = []
    assert main(["--port", "0"], load=asked.append) == 2
    assert asked == []
    assert "give a file with --store" in capsys.readouterr().err


def test_stopped_while_the_models_are_made_it_leaves_nothing(tmp_path):
    """Neither the process that makes them nor what that has written."""
    slow = (
        "import os, tempfile, time\n"
        "from recbook.app import bundle\n"
        "def make():\n"
        f"    with tempfile.TemporaryDirectory(dir={str(tmp_path)!r}):\n"
        "        os.write(2, b'pid %d\\n' % os.getpid())\n"
        "        time.sleep(60)\n"
        "bundle.make = make\n"
    )
    code = (
        "import sys; from recbook.app import __main__ as command;"
        f"command.MAKE = {slow!r} + command.MAKE; command.main(['--port', '0'])"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        child = next(line for line in service.stderr if line.startswith("pid"))
        service.terminate()
        service.wait(timeout=30)
    with pytest.raises(ProcessLookupError):
        os.kill(int(child.split()[1]), 0)
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_says_how_to_get_it():
    code = (
        "import sys; sys.modules['fastapi'] = None;"
        "from recbook.app.__main__ import main; sys.exit(main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert (
        done.stderr == f"recbook: the service needs fastapi: {install('app', 'deep')}\n"
    )


def test_models_that_need_tensorflow_say_how_to_get_it():
    code = (
        "import sys; sys.modules['tensorflow'] = None;"
        "from recbook.app import bundle; from recbook.deep import lazy;"
        "bundle.make = lambda: lazy.load('keras')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + MAKE], capture_output=True, text=True
    )
    said = "recbook: recbook.deep needs TensorFlow, which is not installed: "
    assert (done.returncode, done.stderr) == (1, f"{said}{install('deep')}\n")


def test_models_that_cannot_be_made_are_no_traceback(tmp_path):
    """The data's folder is wrong: what makes the models says so, in its sentence."""
    environment = {**os.environ, "RECBOOK_ML100K": str(tmp_path / "none")}
    command = [sys.executable, "-m", "recbook.app", "--port", "0"]
    done = subprocess.run(
        [*command, "--store", tmp_path / "s.sqlite"],
        capture_output=True,
        text=True,
        env=environment | {"RECBOOK_PROJECT": str(tmp_path / "chain")},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "RECBOOK_ML100K" in done.stderr
    assert "could not be made" in done.stderr
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.parametrize("port", ["-1", "70000", "http"])
def test_a_port_that_is_none_is_refused(port):
    done = subprocess.run(
        [sys.executable, "-m", "recbook.app", "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("patience", ["0", "-1", "nan", "inf", "soon"])
def test_a_patience_that_is_none_is_refused(patience, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--patience", patience])
    assert caught.value.code == 2
    assert "--patience" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--max-store", "--keep"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "much", "9" * 9])
def test_a_limit_that_is_none_is_refused(option, value, capsys):
    with pytest.raises(SystemExit) as caught:
        main([option, value])
    assert caught.value.code == 2
    assert "is not a whole number of" in capsys.readouterr().err


def test_the_limits_of_the_store_are_those_that_were_asked_for(monkeypatch):
    asked = []

    def store(path, films, max_bytes, keep_days, keep_anyway):
        asked.append((max_bytes, keep_days, keep_anyway))
        raise StoreError("that will do")

    monkeypatch.setattr("recbook.app.store.Store", store)
    arguments = ["--port", "0", "--store", "s.sqlite"]
    for more in ([], ["--max-store", "3", "--keep", "90"], ["--keep-anyway"]):
        assert main([*arguments, *more], load=lambda _: StandIn()) == 2
    assert asked == [(2**30, None, False), (3 * 2**20, 90, False), (2**30, None, True)]


def test_a_store_that_is_long_in_checking_is_said_to_be(tmp_path, monkeypatch, capsys):
    told = threading.Event()

    def tell(sentence):
        print(sentence)
        told.set()
        return 2

    def slow(path, *arguments):
        assert told.wait(timeout=30)
        raise StoreError("that will do")

    monkeypatch.setattr(command, "_tell", tell)
    monkeypatch.setattr(command, "LATE", 0.0)
    monkeypatch.setattr("recbook.app.store.prepare", slow)
    path = tmp_path / "s.sqlite"
    assert main(["--port", "0", "--store", str(path)], load=lambda _: StandIn()) == 2
    assert capsys.readouterr().out == f"checking the store {path}\nthat will do\n"


def test_a_backup_of_a_running_service_is_a_store_to_start_with(tmp_path):
    path, copy = tmp_path / "s.sqlite", tmp_path / "copy.sqlite"
    with Service(path) as service:
        ann = service.visitor()
        assert service.rate(ann, 7, 5) == 200
        assert main(["--store", str(path), "--backup", str(copy)]) == 0
        assert service.rate(ann, 8, 5) == 200
    with Service(copy) as service:
        assert service.ratings(ann) == {7: 5}


def test_a_backup_of_the_only_store_needs_no_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["--backup", str(tmp_path / "copy.sqlite")]) == 2
    assert "there are 0 stores" in capsys.readouterr().err
    Store(_default_store("no data")).close()
    assert main(["--backup", str(tmp_path / "copy.sqlite")]) == 0
    assert (tmp_path / "copy.sqlite").is_file()


def test_a_host_that_is_not_here_is_told_from_a_port_that_is_taken(capsys):
    assert main(["--host", "192.0.2.1", "--port", "0"]) == 2
    assert "try another --host" in capsys.readouterr().err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 2
    assert "try another --port" in capsys.readouterr().err


def test_a_list_is_made_by_one_thread(tmp_path):
    """Two that wait for each other take many times as long where cores are few."""
    bundle.write(bundle.toy(), tmp_path)
    code = (
        "import os, sys; from recbook.app import __main__, server, store;"
        "print('numpy' in sys.modules);"  # it reads the variable when it is loaded
        f"__main__._load_engine({str(tmp_path)!r});"
        "print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name not in names},
    )
    assert done.stdout == "False\n1\n"


def test_serving_needs_neither_tensorflow_nor_pandas(tmp_path):
    code = (
        "import sys; from recbook.app import bundle, engine, server, store;"
        "served = engine.Engine(bundle.toy());"
        f"kept = store.Store({str(tmp_path / 's.sqlite')!r}, served.films.values());"
        "server.create_app(served, kept); kept.close();"
        "print({'tensorflow', 'keras', 'pandas', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [("https://films.example/book", "https://films.example/book/"), (None, None)],
)
def test_the_page_is_told_where_the_book_is(tmp_path, given, said):
    more = [] if given is None else ["--book", given]
    with Service(tmp_path / "s.sqlite", *more) as service:
        assert service.ask("GET", "/health")[2]["book"] == said


def test_what_is_no_address_of_a_book_is_refused(capsys):
    for wrong in ("javascript:alert(1)", "../book", 'https://a/"', "https://"):
        with pytest.raises(SystemExit):
            main(["--book", wrong])
        assert "is not an address like https://" in capsys.readouterr().err
