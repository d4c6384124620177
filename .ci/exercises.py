"""Write recbook/checks/exercises.csv: the number and the title of each exercise.

Usage: python .ci/exercises.py, after an exercise was added, moved or renamed
"""

import csv
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "book"), str(ROOT / "chapters" / "_ext")]

import bookpages  # noqa: E402 - a reader of the pages, which the book's tests share

TABLE = ROOT / "recbook" / "checks" / "exercises.csv"


def rows():
    """Yield id, number and title of what has a check, as the pages show them.

    Exercises of a chapter are counted from 1, those of pages without a number through
    all of them. Quick questions have no title.
    """
    chapters, others = {}, 0
    for page in bookpages.pages():
        if page.is_chapter:
            chapters[page.part] = chapters.get(page.part, 0) + 1
        for n, exercise in enumerate(page.exercises, 1):
            number = f"{page.part}.{chapters[page.part]}.{n}" if page.is_chapter else ""
            if not page.is_chapter:
                others += 1
                number = str(others)
            title = exercise.title.replace("*", "")
            ids = exercise.check_ids(exercise.starters)
            for id in [*ids, *exercise.checked_elsewhere]:
                yield id, number, title
        for n, (id, _) in enumerate(page.quick, 1):
            yield id, "", f"Part {id.partition('-')[0]}, question {n}"


def text():
    """Return the text of the table."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([("id", "number", "title"), *rows()])
    return file.getvalue()


if __name__ == "__main__":
    written = text()
    TABLE.write_text(written, encoding="utf-8", newline="\n")
    print(f"{TABLE.relative_to(ROOT)}: {written.count(chr(10)) - 1} exercises")
