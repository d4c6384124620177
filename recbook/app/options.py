"""The command line of the service: what can be set, and what it may be."""

import argparse
import re
from pathlib import Path

__all__ = ["parser"]


def parser():
    """Return the parser of the command line.

    >>> parser().parse_args(["--keep", "90"]).keep
    90
    """
    command = argparse.ArgumentParser(
        prog="python -m recbook.app",
        description="Serve recommendations with reasons, and a page to try them.",
        epilog="To run it for others, with a proxy, backups and limits, see the page "
        "'Running the service' in the appendix of the book.",
    )
    add = command.add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="address to listen at (default: %(default)s)",
    )
    add("--port", type=int, default=8000, help="0 takes any (default: %(default)s)")
    _add_store(add)
    add(
        "--bundle",
        type=Path,
        help="folder of the models (default: made, if missing)",
    )
    _add_names(add)
    add(
        "--patience",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="that a client may take to send a body (default: %(default)s)",
    )
    add("--open-metrics", action="store_true", help="let other machines read /metrics")
    add("--verbose", action="store_true", help="log each request's route and status")
    return command


def _add_names(add):
    """Add the options for the names of this service and of the book."""
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name, beside this machine's own, that requests may be addressed to",
    )
    add(
        "--book",
        type=_address,
        metavar="URL",
        help="where the book is, for the page's links to its chapters, as in "
        "https://films.example/book/ (default: chapters are named, without links)",
    )


def _add_store(add):
    """Add the options for the visitors' ratings."""
    add(
        "--store",
        type=Path,
        metavar="FILE",
        help="visitors' ratings (default: recbook/visitors-DATA.sqlite in "
        "$XDG_DATA_HOME, or in ~/.local/share)",
    )
    add(
        "--max-store",
        type=_whole("megabytes", 1, 2**20),
        default=1024,
        metavar="MB",
        help="that the store may grow to (default: %(default)s)",
    )
    add(
        "--keep",
        type=_whole("days", 1, 36_500),
        metavar="DAYS",
        help="at the start, delete visitors without a star for so long (default: none)",
    )
    add(
        "--keep-anyway",
        action="store_true",
        help="let --keep delete more than half of the visitors, otherwise refused",
    )
    add(
        "--backup",
        type=Path,
        metavar="FILE",
        help="copy the store to a new file, while the service may run, and end",
    )


def _whole(what, least, most):
    """Return a type for argparse that takes whole numbers from least to most."""

    def number(text):
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"{text} is not a whole number of {what} from {least} to {most}"
            )
        return int(text)

    return number


def _address(text):
    """Return the address of the book with a slash at its end. For argparse."""
    if not re.fullmatch(r"https?://[^\s\"'<>?#]+", text):
        raise argparse.ArgumentTypeError(
            f"{text} is not an address like https://films.example/book/"
        )
    return text.rstrip("/") + "/"


def _seconds(text):
    """Return a number of seconds below an hour. For argparse."""
    seconds = float(text)
    if not 0 < seconds < 3600:
        raise argparse.ArgumentTypeError(
            f"{text} is not a number of seconds above 0 and below 3600"
        )
    return seconds
