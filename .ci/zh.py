"""Hold the Chinese edition against the English, and help who translates it.

Usage: .venv/bin/python .ci/zh.py COMMAND
    check [--release] [PAGE …]  hold pages against the rules (the default)
    stale                       how many units are stale
    todo [PAGE …]               which units are stale, and how their English changed
    new PAGE                    write a skeleton, or the units that are missing
    pin PAGE UNIT …             write today's digest of units that were looked at
    reading PAGE                the Chinese alone, to read back

A PAGE is written as 2-neighbours/similarity. ``check`` prints a line for each problem,
except for lines of ``zh/accepted.txt``, and fails if there is one. Where the English
has changed, the Chinese is behind: that is printed, too, no rule is held against it,
and it fails only a release, if many units are behind, or one that is read first.
"""

import sys

from chinese import built, labels, pages, rules, work

STALE_SHARE = 0.02  # of the units, in a release


def check(*arguments: str) -> None:
    """Print what is wrong with pages, all if none is named, and fail if anything is."""
    chosen = [name for name in arguments if name != "--release"]
    read, known = (
        [pages.read(name) for name in chosen or pages.names()],
        pages.accepted(),
    )
    late = [line for page in read for line in rules.behind(page) + built.behind(page)]
    late = [line for line in late if line not in known]
    lines = [
        line for page in read for line in rules.of_page(page) + built.problems(page)
    ]
    found = [line for line in lines if line not in known]
    if not chosen:
        found += [
            f"accepted, but no longer found: {line}" for line in dead(lines, late)
        ]
    units = sum(len(page.units) + len(page.labels) for page in read)
    n_late = len({rules.unit_of(line) for line in late})
    fatal = too_late(late, units) if "--release" in arguments else []
    for line in late + found + fatal:
        print(line)
    counts = f"{units} units, {n_late} stale, {len(found)} problems"
    print(f"zh: {len(read)} pages, {counts}, {len(known)} lines accepted")
    if found or fatal:
        sys.exit(1)


def dead(lines: list[str], late: list[str]) -> list[str]:
    """Return accepted lines that no page has any more; of stale units none is asked."""
    skipped = {rules.unit_of(line) for line in late}
    seen = {"built": built.is_there(), "labels": labels.CACHE.exists()}
    return [
        line
        for line in pages.accepted()
        if line not in lines
        and (unit := rules.unit_of(line)) not in skipped
        and seen.get(unit.replace(" ", ".").rpartition(".")[2], True)
    ]


def too_late(late: list[str], units: int) -> list[str]:
    """Return what keeps an edition from being released: units behind their English."""
    names = sorted({rules.unit_of(line) for line in late})
    fatal = [
        f"behind in a page that is read first: {name}"
        for name in names
        if name.partition(" ")[0] in pages.FIRST
    ]
    if len(names) > STALE_SHARE * units:
        fatal.append(f"{len(names)} of {units} units are stale, over {STALE_SHARE:.0%}")
    return fatal


def stale() -> None:
    """Print how many units are stale: it takes a second, and never fails."""
    n = sum(len(pages.read(name).stale) for name in pages.names())
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
