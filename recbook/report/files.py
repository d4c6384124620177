"""A report as files: a page, a list, and numbers for programs."""

import contextlib
import csv
import json
import operator
from pathlib import Path

from recbook._core.spreadsheet import inert, may_change
from recbook.report.again import plain, versions
from recbook.report.page import GENERATOR, page

__all__ = ["check_folder", "contents", "save"]

PAGE, LIST, NUMBERS = "report.html", "list.csv", "numbers.json"


def save(report, folder, date=None):
    """Write the files of a report; see :meth:`Report.save`."""
    folder = check_folder(folder)
    files = contents(report, date)
    # All is made before anything is written: no folder holds half a report.
    folder.mkdir(parents=True, exist_ok=True)
    if report.list is None:
        (folder / LIST).unlink(missing_ok=True)  # of another run: it is not to be sent
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def contents(report, date=None):
    """Return the files of a report: their bytes, by name."""
    words, changed = {}, 0
    if report.list is not None:
        words[LIST], changed = list_words(report.list)
    told = json.dumps(numbers(report), indent=2, ensure_ascii=False, allow_nan=False)
    words = {PAGE: page(report, date, changed), **words, NUMBERS: told + "\n"}
    coding = dict.fromkeys(words, "utf-8")
    if LIST in words and not words[LIST].isascii():
        coding[LIST] = "utf-8-sig"
    return {name: words[name].encode(coding[name], errors="replace") for name in words}


def check_folder(folder):
    """Return a folder; refuse to write over a file in it that no report wrote."""
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; choose a folder")
    there = [name for name in (PAGE, LIST, NUMBERS) if (folder / name).exists()]
    with contextlib.suppress(OSError, ValueError, AttributeError):
        told = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
        if told.get("made_by") == GENERATOR:
            return folder
    if there:
        raise FileExistsError(
            f"{folder / there[0]} is there and is no report's; choose another folder"
        )
    return folder


def numbers(report):
    """Return what ``numbers.json`` holds."""
    own = {
        "made_by": GENERATOR,
        "job": report.job,
        "decision": report.decision,
        "refused": bool(report.refused),
        "checks": plain(report.checks),
        "table": plain(report.table),
        "settings": plain(report.settings),
        "seed": plain(report.settings.get("seed")),
        "versions": versions(),
    }
    if twice := own.keys() & report.numbers.keys():
        raise ValueError(f"numbers of a report may not be named {sorted(twice)}")
    return {**own, **plain(report.numbers)}


def list_words(frame):
    """Return a list as CSV, and how many cells changed to be no formulas.

    The file begins with UTF-8's mark only where a letter needs it: spreadsheets look
    for it, and other programs take it for a part of the first column's name.
    """
    frame, changed = frame.copy(), 0
    heads = [str(name) for name in frame.columns]
    frame.columns = [inert(name) for name in heads]
    changed += sum(a != b for a, b in zip(heads, frame.columns, strict=True))
    for place in range(frame.shape[1]):
        values = frame.iloc[:, place].tolist()
        texts = [value for value in values if isinstance(value, str)]
        if may_change(texts):
            safe = [inert(value) for value in values]
            changed += sum(map(operator.ne, texts, map(inert, texts)))
            frame.isetitem(place, safe)
    words = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in words:  # which ends a line, unless it is in quotes
        how = csv.QUOTE_NONNUMERIC
        words = frame.to_csv(index=False, lineterminator="\n", quoting=how)
    return words, changed
