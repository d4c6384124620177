"""The course plans: each has what its sessions and project need, and adds up.

What a session needs is said once, in the guide's table *What needs what*.
"""

import datetime as dt
import re
from typing import NamedTuple

import pytest
from bookpages import CHAPTERS, chapters, pages
from docutils import nodes
from recbook_book.page import needs
from test_paths import built_on
from test_sheets import EXERCISES, GUIDE, LABEL, MINUTES, PLAN, SESSIONS

from recbook import checks

MOST = 180  # minutes at home in one week
APPENDIX = {p.path.stem: p.text for p in pages() if p.name.startswith("appendix/")}
TEXT = APPENDIX["course-plans"]
TITLES = dict(re.findall(r"^## Session (\d+) · (.+)$", GUIDE, flags=re.M))
PROJECTS = {name: APPENDIX[f"{name}-project"] for name in ("class", "campaign")}


def numbers(text):
    """The numbers of "1, 4 and 5" or "10 to 12"."""
    spans = re.findall(r"(\d+)(?: to (\d+))?", text)
    return {n for a, b in spans for n in range(int(a), int(b or a) + 1)}


def section(text, title):
    """What stands below a heading, up to the next one of its level or above."""
    level, rest = re.search(
        rf"^(##+) {re.escape(title)}\n(.*)", text, re.M | re.S
    ).groups()
    return re.split(rf"^#{{2,{len(level)}}} ", rest, flags=re.M)[0]


def rows(text):
    """The rows of a section's tables, without their heads."""
    found = re.findall(r"^\| ?(.*?) ?\|$", text, flags=re.M)
    cells = [[cell.strip() for cell in row.split("|")] for row in found]
    rules = [i for i, row in enumerate(cells) if set("".join(row)) <= set("-:")]
    heads = {i - 1 for i in rules} | set(rules)
    return [row for i, row in enumerate(cells) if i not in heads]


# -- what needs what -----------------------------------------------------------------


def clauses(text, verb):
    """The pairs of "7 needs 6; 10 to 12 need 9", number by number."""
    for clause in text.split("; "):
        if verb in clause:
            whose, what = re.split(rf" {verb}s? ", clause)
            yield from ((n, what) for n in numbers(whose))


def read_needs():
    """What each session needs, and what makes it easier."""
    needs, easier = {}, {}
    parts = {
        row[0][0]: numbers(row[1]) for row in rows(section(GUIDE, "What needs what"))
    }
    for _, own, whole, some, after in rows(section(GUIDE, "What needs what")):
        for n in numbers(own):
            needs[n], easier[n] = numbers(whole), set()
        for n, what in clauses(some, "need"):
            needs[n] |= numbers(what)
        for n, what in clauses(after, "after"):
            part = re.match(r"part (\d)", what)
            easier[n] |= parts[part[1]] if part else numbers(what)
    return needs, easier


NEEDS, EASIER = read_needs()


def standing_on(session):
    """All that a session needs, and what those sessions need."""
    found = set(NEEDS[session])
    return found.union(*map(standing_on, found)) if found else found


def test_the_guide_says_what_falls_with_a_session():
    """The page has the table turned round, by a reading of its own."""
    table = needs.read(rows(section(GUIDE, "What needs what")))
    for n in NEEDS:
        assert table.before(n) == standing_on(n)
        assert table.after(n) == {m for m in NEEDS if n in standing_on(m)}
    assert {n for part in table.parts for n in part.sessions} == set(NEEDS)


def test_each_session_needs_only_earlier_ones():
    assert sorted(NEEDS) == sorted(map(int, SESSIONS))
    for n in NEEDS:
        assert all(m < n for m in NEEDS[n] | EASIER[n]), n


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.name)
def test_the_table_has_what_a_page_says_it_builds_on(page):
    own = [n for n in NEEDS if PLAN[str(n)] == page.name]
    had = {PLAN[str(m)] for n in own for m in standing_on(n) | EASIER[n]}
    assert built_on(page) & set(PLAN.values()) <= had
    assert set(own[:-1]) <= standing_on(own[-1]), "its second half needs the first"


@pytest.mark.parametrize(
    "row", rows(section(GUIDE, "Shorter courses")), ids=lambda r: r[3]
)
def test_a_shorter_course_has_its_sessions_and_hours(row):
    whom, n, hours, which, remark = row
    taken = numbers(which)
    assert len(taken) == int(n)
    assert float(hours.replace("½", ".5")) == 1.5 * len(taken)
    if whom in ("", "is new to all this") and min(taken) == 1:
        had = taken | numbers("".join(re.findall(r"Reading: [\d, and]+", remark)))
        had |= {4} if "pencil work of 4" in remark else set()
        assert set().union(*(NEEDS[m] for m in taken)) <= had


# -- the plans -----------------------------------------------------------------------


class Week(NamedTuple):
    """One meeting of a plan, and what follows it at home."""

    session: str  # its cell
    homework: str
    printed: str
    minutes: str

    @property
    def taught(self):
        return numbers(" ".join(re.findall(r"\[(\d+) · ", self.session)))

    @property
    def read(self):
        """The sessions whose page is read at home."""
        here = re.findall(r"read \{doc\}`[^<`]*<\.\./([^>]+)>`", self.homework)
        return {int(n) for n, page in PLAN.items() if page in here}

    @property
    def exercises(self):
        return LABEL.findall(self.homework)

    @property
    def at_home(self):
        others = re.findall(r"\((\d+)\)", self.homework)
        return sum(map(int, others)) + sum(MINUTES[label] for label in self.exercises)

    @property
    def of_project(self):
        """(week of the project, minutes)."""
        found = re.match(r"\*\*project (\d)\*\*[^(]*\((\d+)\)", self.homework)
        return (int(found[1]), int(found[2])) if found else (0, 0)


def weeks(title):
    *found, _ = rows(section(TEXT, title))
    assert [int(row[0]) for row in found] == list(range(1, len(found) + 1))
    return [Week(*row[1:]) for row in found]


TERMS = re.findall(r"^## (.* × 90 minutes)$", TEXT, flags=re.M)
DAY = rows(section(TEXT, "An executive day"))
BLOCKS = [Week(row[2], "", row[4], row[1]) for row in DAY if row[0]]
PLANS = {title: weeks(title) for title in TERMS} | {"An executive day": BLOCKS}
each_plan = pytest.mark.parametrize("title", PLANS)
each_term = pytest.mark.parametrize("title", TERMS)


def test_the_four_plans_are_read_as_long_as_they_say():
    assert len(TERMS) == 3
    for title in TERMS:
        assert len(PLANS[title]) == int(re.search(r"(\d+) ×", title)[1])
        assert sum(len(week.taught) for week in PLANS[title]) == len(PLANS[title]) - 1
    assert sum(len(block.taught) for block in BLOCKS) == 5


@each_plan
def test_a_session_comes_after_what_it_needs(title):
    """Or the plan says what to say instead, and leaves nothing else out."""
    had, missing = set(), set()
    for week in PLANS[title]:
        for n in sorted(week.taught):
            missing |= NEEDS[n] - had
            had.add(n)
        had |= week.read
    without = re.findall(r"^- \*Without ([^:]+):\*", section(TEXT, title), flags=re.M)
    assert missing == numbers(" and ".join(without))


@each_plan
def test_a_session_has_its_title_and_its_link(title):
    for week in PLANS[title]:
        for text, n, name, place in re.findall(
            r"\[((\d+) · ([^\]]+))\]\(instructor-guide\.md#([^)]+)\)", week.session
        ):
            assert name == TITLES[n]
            # As MyST makes it of a heading.
            slug = re.sub(r"[^\w\- ]", "", f"session-{text}".lower().replace(" ", "-"))
            assert place == slug
        assert len(re.findall(r"\]\(instructor", week.session)) == len(week.taught)


@each_term
def test_homework_is_of_what_was_taught_fits_and_comes_once(title):
    had, given = set(), set()
    for week in PLANS[title]:
        had |= week.taught
        for label in week.exercises:
            (session,) = [n for n, text in SESSIONS.items() if f"<{label}>" in text]
            assert int(session) in had, label
            assert f"<{label}>" in SESSIONS[session].split("\nHomework: ")[1], label
            assert label not in given, label
            given.add(label)
        assert int(week.minutes) == week.at_home
        assert int(week.minutes) <= MOST, week.session


@each_term
def test_a_plan_adds_up(title):
    *_, total = rows(section(TEXT, title))
    home = sum(week.at_home for week in PLANS[title])
    project = sum(week.of_project[1] for week in PLANS[title])
    own = f", {project} of the project" if project else ""
    assert total[2] == f"{home - project} minutes of homework{own}"
    assert total[4] == f"**{home}**"


@each_term
def test_the_ids_to_hand_in_are_those_of_the_exercises(title):
    for week in PLANS[title]:
        ids = re.findall(r"(?<!\})`(\d[^`]*)`", week.homework)
        mine = [EXERCISES[label] for label in week.exercises]
        assert ids == [id for one in mine for id in one.check_ids(one.starters)]
        assert set(ids) <= set(checks.ids())


# -- projects ------------------------------------------------------------------------


def project_weeks(text):
    """{week: (sessions that it needs, minutes)} of a project's page."""
    minutes = {row[0]: int(row[-1]) for row in rows(section(text, "The brief"))}
    needs = dict(re.findall(r"[Ww]eek (\d) needs ([\d, and]*\d)", text))
    return {int(n): (numbers(needs.get(n, "")), minutes[n]) for n in minutes}


@each_term
def test_a_project_runs_once_after_what_it_needs(title):
    text = section(TEXT, title)
    name = re.search(r"<(class|campaign)-project>|$", text)[1] or "campaign"
    wanted, had, done, spent = project_weeks(PROJECTS[name]), set(), [], {}
    for week in PLANS[title]:
        had |= week.taught | week.read
        n, minutes = week.of_project
        if n:
            assert wanted[n][0] <= had, week.session
            done.append(n)
            spent[n] = spent.get(n, 0) + minutes
    assert done == sorted(done)
    if "in-90-minutes" not in text:
        assert spent == {n: minutes for n, (_, minutes) in wanted.items()}
        assert PLANS[title][-1].session.startswith("Presentations")


@each_plan
def test_the_campaign_in_90_minutes_comes_after_what_it_needs(title):
    text = section(PROJECTS["campaign"], "In 90 minutes")
    needs = numbers(re.search(r"after sessions ([^.]+)\.", text)[1])
    assert sum(int(row[0]) for row in rows(text)) == 90
    had = set()
    for week in PLANS[title]:
        if "in-90-minutes" in week.session:
            assert needs <= had
        had |= week.taught


# -- paper ---------------------------------------------------------------------------

PAPER = {
    nodes.make_id(title): numbers(whose)
    for title, whose in re.findall(
        r"^## (.*)\n\nSessions? ([\d and]+)[.,]", APPENDIX["paper-sheets"], flags=re.M
    )
}


@each_plan
def test_what_is_printed_is_there_and_no_paper_sheet_is_forgotten(title):
    for week in PLANS[title]:
        links = re.findall(r'href="([^"]+)\.html\?sheet=([^"]+)"', week.printed)
        for page, place in links:
            path = (CHAPTERS / "appendix" / page).resolve()
            (there,) = [p for p in pages() if p.path.with_suffix("") == path]
            heads = re.findall(r"^## (.+)$", there.text, flags=re.M)
            assert place in map(nodes.make_id, heads), place
        here = {place for page, place in links if page == "paper-sheets"}
        due = {place for place, whose in PAPER.items() if whose & week.taught}
        assert due <= here or "same sheet" in week.printed


def test_the_days_clock_runs_and_it_takes_six_hours():
    now, *_ = starts = [dt.datetime.strptime(row[0], "%H:%M") for row in DAY if row[0]]
    for start, block in zip(starts, BLOCKS, strict=True):
        assert start == now, block.session
        now += dt.timedelta(minutes=int(block.minutes))
    rests = ("*break*", "*lunch*")
    work = [int(block.minutes) for block in BLOCKS if block.session not in rests]
    assert sum(work) == int(DAY[-1][1]) == 6 * 60


def test_the_marks_of_the_syllabus_are_a_hundred():
    marks = rows(section(section(TEXT, "Syllabus"), "Marks"))
    assert sum(int(row[1]) for row in marks) == 100
