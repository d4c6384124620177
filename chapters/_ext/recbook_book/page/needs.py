"""What a session of the guide stands on, and what falls with it, at one glance.

The guide's table *What needs what* has a row for each part, which is short to keep and
a puzzle to read: whether 34 may be left out takes a walk through all rows. On the page
there is a row for each session on which others stand, with all of these, and each
session says what it stands on.
"""

import re
from typing import NamedTuple

from docutils import nodes

from recbook_book.edition.strings import said

TITLE = "What needs what"
NUMBERS = re.compile(r"(\d+)(?: to (\d+))?")


class Part(NamedTuple):
    """A row of the table: the sessions of a part."""

    name: str
    sessions: list
    needs: str  # what all of them need, in words


class Needs(NamedTuple):
    """The table: its parts, and for each session what it needs or is easier after."""

    parts: list
    direct: dict
    easier: dict

    def before(self, session):
        """Return all that a session stands on, also by what it needs."""
        found = set(self.direct[session])
        return found.union(*map(self.before, found)) if found else found

    def after(self, session):
        """Return all sessions that stand on one."""
        return {other for other in self.direct if session in self.before(other)}


def numbers(text):
    """Return the numbers of a text.

    >>> sorted(numbers("1, 4 and 5, 10 to 12"))
    [1, 4, 5, 10, 11, 12]
    """
    spans = NUMBERS.findall(text)
    return {n for a, b in spans for n in range(int(a), int(b or a) + 1)}


def clauses(text, verb):
    """Yield (session, what) of "7 needs 6; 10 to 12 need 9".

    >>> list(clauses("7 needs 6; 10 to 11 need 9", "need"))
    [(7, '6'), (10, '9'), (11, '9')]
    """
    for clause in text.split("; "):
        if f" {verb}" in clause:
            whose, what = re.split(rf" {verb}s? ", clause)
            yield from ((n, what) for n in sorted(numbers(whose)))


def read(rows):
    """Return the needs that the rows of the table tell, each a list of its texts."""
    found = Needs([], {}, {})
    for name, own, whole, some, after in rows:
        part = Part(name, sorted(numbers(own)), whole)
        found.parts.append(part)
        for session in part.sessions:
            found.direct[session] = numbers(whole)
            found.easier[session] = ""
        for session, what in clauses(some, "need"):
            found.direct[session] |= numbers(what)
        for session, what in clauses(after, "after"):
            found.easier[session] = what
    return found


def spans(numbers):
    """Return numbers as (first, last) of what stands in a row.

    >>> spans({1, 4, 5, 6, 9, 10})
    [(1, 1), (4, 6), (9, 9), (10, 10)]
    """
    found = []
    for n in sorted(numbers):
        if found and n == found[-1][1] + 1:
            found[-1] = found[-1][0], n
        else:
            found.append((n, n))
    apart = ([(a, a), (b, b)] if b == a + 1 else [(a, b)] for a, b in found)
    return [span for pair in apart for span in pair]


def listed(numbers, places):
    """Return nodes that name sessions, with links: "1, 4 to 6 and 9"."""
    found = []
    for k, (first, last) in enumerate(all_ := spans(numbers)):
        if k:
            is_last = k == len(all_) - 1
            found.append(nodes.Text(said(" and ") if is_last else said(", ")))
        found.append(link(first, places))
        if last > first:
            found += [nodes.Text(said(" to ")), link(last, places)]
    return found


def link(number, places):
    return nodes.reference("", str(number), refid=places[number])


def table_in(document):
    """Return the table *What needs what*, or None."""
    for section in document.findall(nodes.section):
        if section[0].astext() == TITLE:
            return next(section.findall(nodes.table), None)
    return None


def tell(document, sections):
    """Put the table in the form of the page, and a line into each session."""
    table = table_in(document)
    if table is None:
        return
    body = next(table.findall(nodes.tbody))
    needs = read([[cell.astext() for cell in row] for row in body])
    places = {n: section["ids"][0] for n, section in sections.items()}
    table.replace_self(by_session(needs, sections, places))
    for number, section in sections.items():
        section.insert(2, line_of(needs, number, places))


def line_of(needs, number, places):
    """Return what a session stands on, and what falls with it."""
    line = nodes.paragraph(classes=["session-needs"])
    before, after = needs.before(number), needs.after(number)
    line += nodes.Text(said("Stands on "))
    line += listed(before, places) if before else nodes.Text(said("nothing"))
    if easier := needs.easier[number]:
        line += nodes.Text(said(", easier after {what}", what=easier))
    line += nodes.Text(said(". Without it you lose "))
    line += listed(after, places) if after else nodes.Text(said("nothing else"))
    line += nodes.Text(said("."))
    return line


def by_session(needs, sections, places):
    """Return a table with a row for each session on which others stand."""
    table = nodes.table(classes=["session-needs"])
    group = nodes.tgroup(cols=2)
    group += [nodes.colspec(colwidth=50), nodes.colspec(colwidth=50)]
    head = row_of([nodes.Text(said("without"))], [nodes.Text(said("you also lose"))])
    group += nodes.thead("", head)
    group += (body := nodes.tbody())
    for part in needs.parts:
        body += heading(part, needs, places)
        for n in part.sessions:
            if after := needs.after(n):
                title = sections[n][0].astext().partition("· ")[2]
                whose = [link(n, places), nodes.Text(f" · {title}")]
                body += row_of(whose, listed(after, places))
    table += group
    return table


def heading(part, needs, places):
    """Return a row with the name of a part, its needs, and what may be left out."""
    free = {n for n in part.sessions if not needs.after(n)}
    words = nodes.paragraph()
    words += nodes.strong("", part.name)
    words += nodes.Text(said(", which stands on {what}.", what=part.needs))
    if free:
        words += [nodes.Text(said(" Leave out freely: ")), *listed(free, places)]
        words += nodes.Text(said("."))
    return nodes.row("", nodes.entry("", words, morecols=1), classes=["group"])


def row_of(*cells):
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *c)) for c in cells))
