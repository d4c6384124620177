"""Hold the Chinese edition against the English, and help who translates it.

Usage: .venv/bin/python .ci/zh.py COMMAND
    check [--release] [PAGE …]  hold pages against the rules (the default)
    stale                       how many units are stale
    todo [PAGE …]               which units are stale, and how their English changed
    new PAGE                    write a skeleton, or the units that are missing
    pin PAGE UNIT …             write today's digest of units that were looked at
    reading PAGE                the Chinese alone, to read back

A PAGE is written as 2-neighbours/similarity. ``check`` prints a line for each problem,
except for lines of ``zh/accepted.txt``, and fails if there is one. A unit whose English
has changed is stale: it is no problem, and no rule is held against it. A release may
have few stale units, and none in the pages that most readers want.
"""

import sys

from chinese import built, pages, rules, work

STALE_SHARE = 0.02  # of the units, in a release


def check(*arguments: str) -> None:
    """Print what is wrong with pages, all if none is named, and fail if anything is."""
    chosen = [name for name in arguments if name != "--release"]
    known, printed, found = set(pages.accepted()), set(), []
    read = [pages.read(name) for name in chosen or pages.names()]
    for page in read:
        lines = rules.of_page(page) + built.of_page(page)
        printed.update(lines)
        found += [line for line in lines if line not in known]
    if not chosen and built.is_there():  # else what the site says is not seen
        found += [f"accepted, but no longer found: {line}" for line in known - printed]
    units, stale = counted(read)
    print(*found, sep="\n", end="\n" if found else "")
    print(f"zh: {len(read)} pages, {units} units, {stale} stale, {len(found)} problems")
    late = list(too_late(read)) if "--release" in arguments else []
    print(*late, sep="\n", end="\n" if late else "")
    if found or late:
        sys.exit(1)


def counted(read: list[pages.Page]) -> tuple[int, int]:
    """Return how many units there are, and how many are stale."""
    return sum(len(page.units) for page in read), sum(len(page.stale) for page in read)


def too_late(read: list[pages.Page]) -> list[str]:
    """Return what keeps an edition from being released: units behind their English."""
    late = [
        f"stale in a page that is read first: {page.name} {unit.name}"
        for page in read
        for unit in page.stale
        if page.name in pages.FIRST
    ]
    units, stale = counted(read)
    if stale > STALE_SHARE * units:
        late.append(f"{stale} of {units} units are stale, more than {STALE_SHARE:.0%}")
    return late


def stale() -> None:
    """Print how many units are stale; it takes a second and never fails."""
    _, n = counted([pages.read(name) for name in pages.names()])
    print(f"zh: {n} unit{'s' * (n != 1)} stale")


COMMANDS = {
    "check": check,
    "stale": stale,
    "todo": work.todo,
    "new": work.new,
    "pin": work.pin,
    "reading": work.reading,
}


def main(arguments: list[str]) -> None:
    """Do a command; without one, check."""
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help"):
        print(__doc__)
    elif first in COMMANDS:
        COMMANDS[first](*arguments[1:])
    else:
        check(*arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
