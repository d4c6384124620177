"""Start the service: ``python -m recbook.app``."""

import asyncio
import contextlib
import errno
import gc
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from recbook._core.install import install
from recbook.app.options import parser

MAKE = """
import signal, sys
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    from recbook.app import bundle
    print(bundle.make())
except (ValueError, OSError, RuntimeError, ImportError) as error:
    sys.exit(f"recbook: {error}")
except KeyboardInterrupt:
    sys.exit(130)
"""
LATE = 5.0  # seconds after which it says what takes so long
LISTENERS = 32  # newcomers that are accepted in one turn of the loop


def _default_store(name=None):
    """Return where ratings are kept: one file for each data set, outside any cache."""
    try:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        raise ValueError(
            "this user has no home to keep the ratings in: give a file with --store"
        ) from None
    data = "-".join(re.findall("[a-z0-9]+", (name or "DATA").lower()))
    return Path(home) / "recbook" / f"visitors-{data}.sqlite"


def _load_engine(folder):
    """Return the engine of a bundle. Without a folder the bundle is made first."""
    folder = _made() if folder is None else folder
    # With few cores, two threads of BLAS wait for each other: a list from a thousand
    # stars took 80 ms in place of 2. NumPy reads this when it is loaded, so not yet.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    from recbook.app import bundle, engine

    return engine.Engine(bundle.read(folder))


def _made():
    """Return the folder of the chain's bundle, and make it if it is missing.

    Another process makes it and frees its memory by ending: training needs TensorFlow
    and nearly a gigabyte, and serving needs neither.
    """
    command = [sys.executable, "-c", MAKE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as child:
        try:
            with _told_late("the models are made first, which takes a minute or two"):
                output, _ = child.communicate()
        finally:
            _end(child)
    *notes, folder = output.splitlines() or [""]
    for note in notes:
        print(note, file=sys.stderr)
    if child.returncode or not folder:
        raise ValueError(
            "the models could not be made, as said above; "
            "fix that, or give a folder of them with --bundle"
        )
    return Path(folder)


def _end(child):
    """End the process that makes the models, if the service was stopped meanwhile."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _bind(host, port):
    """Return a socket bound to the address, not listening yet; or raise an OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With Nagle's algorithm a body waits 40 ms behind its head. uvloop turns it off,
    # and asyncio's own loop only if the socket names its protocol.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # otherwise a restart must wait for a minute
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _opened(options, engine):
    """Open and check the store of the engine's films."""
    from recbook.app.store import Store

    path = options.store or _default_store(engine.name)
    films, max_bytes = engine.films.values(), options.max_store * 2**20
    keep = {"keep_days": options.keep, "keep_anyway": options.keep_anyway}
    with _told_late(f"checking the store {path}"):
        return Store(path, films, max_bytes, **keep)


def _application(engine, store, options):
    """Return the service with these options. Warn if other machines can reach it."""
    from recbook.app.guard import is_loopback_name
    from recbook.app.server import create_app

    local = is_loopback_name(options.host)
    if not local:
        _tell(f"{options.host} is open to other machines; 127.0.0.1 is not")
    return create_app(
        engine,
        store,
        book=options.book,
        hosts=[*options.allow_host, options.host],
        any_address=not local,
        patience=options.patience,
        open_metrics=options.open_metrics,
    )


def _run(app, sock, options):
    """Serve until SIGTERM or Ctrl-C, then finish the requests under way."""
    import uvicorn

    from recbook.app.logs import start_log

    start_log(logging.INFO if options.verbose else logging.WARNING)
    config = uvicorn.Config(
        app,
        # h11 bounds what httptools keeps in memory without an end: an incomplete head,
        # trailers after a body, requests that are sent ahead of their answers.
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would log paths, and so visitors' tokens
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=10,
    )
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    gc.collect()
    gc.freeze()  # the catalogue stays, so no request waits for a walk over it
    # In each turn uvloop accepts one connection per socket and answers everybody who
    # asks. Where many never rest, the last newcomer would wait for as many turns. With
    # 32 copies of the socket it accepts 32 in each turn. (asyncio's own loop, which
    # Windows has, accepts all, but fails in a flood of errors where files run out.)
    copies = [sock.dup() for _ in range(LISTENERS - 1)] if os.name == "posix" else []
    uvicorn.Server(config).run(sockets=[sock, *copies])


def main(arguments=None, load=_load_engine):
    """Start the service, or say in one sentence why not (exit code 2)."""
    options = parser().parse_args(arguments)
    if options.backup:
        return _backup(options)
    try:
        from recbook.app import server  # noqa: F401 (is all installed that it needs?)
        from recbook.app.storefile import StoreError
    except ModuleNotFoundError as error:
        return _tell(f"the service needs {error.name}: {install('app', 'deep')}")
    try:
        sock = _bind(options.host, options.port)
    except (OSError, OverflowError) as error:
        no_address = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
        elsewhere = getattr(error, "errno", None) in no_address
        elsewhere |= isinstance(error, socket.gaierror)
        return _tell(
            f"{options.host}, port {options.port} can't be had ({error}): "
            f"try another --{'host' if elsewhere else 'port'}"
        )
    # When uvicorn has stopped it sends itself the signal again, for us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with sock:
        try:
            options.store or _default_store()  # no home? Before the models are made
            engine = load(options.bundle)
            store = _opened(options, engine)
        except (StoreError, ValueError) as error:
            return _tell(error)
        with store:
            app = _application(engine, store, options)
            sock.listen(2048)  # not earlier: a caller would wait for the engine
            name = f"[{options.host}]" if ":" in options.host else options.host
            url = f"http://{name}:{sock.getsockname()[1]}"
            with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
                print(f"recbook: {url} (Ctrl-C stops it)", flush=True)
                _run(app, sock, options)
    return 0


def _backup(options):
    """Copy the store: the one that is named, or the only one of this user."""
    from recbook.app.storefile import StoreError, backup

    try:
        path = options.store
        if path is None:
            folder = _default_store().parent
            stores = sorted(folder.glob("visitors-*.sqlite"))
            if len(stores) != 1:
                raise ValueError(
                    f"there are {len(stores)} stores in {folder}: name one with --store"
                )
            path = stores[0]
        backup(path, options.backup)
    except (StoreError, ValueError) as error:
        return _tell(error)
    print(f"recbook: {path} is copied to {options.backup}", flush=True)
    return 0


@contextlib.contextmanager
def _told_late(sentence):
    """Say what is being done, if it takes long."""
    clock = threading.Timer(LATE, _tell, [sentence])
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _tell(sentence):
    """Print a sentence to standard error. Return the exit code of a refusal."""
    print(f"recbook: {sentence}", file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while the models were made
        sys.exit(130)
