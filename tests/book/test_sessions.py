"""The guide's sessions as they are built: lighter tables, sums, a list to jump from."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from recbook_book.page import needs, sessions

TABLE = """
Session {n} · A title
---------------------

.. list-table::
   :header-rows: 1

   * - minutes
     - block
     - project
   * - 10
     - The question
     - only the question
   * - 80
     - `An exercise <../{page}.html#ex-{n}>`_
     -
"""
PLAN = """
The plan
--------

.. list-table::

   * - 1
     - `one <../1-concepts/a.html>`_
   * - 2
     - `two <../2-neighbours/b.html>`_
   * - 3
     - `three <../2-neighbours/c.html>`_
"""
NEEDS = """
What needs what
---------------

.. list-table::
   :header-rows: 1

   * - part
     - sessions
     - all need
     - some need
     - easier after
   * - 1 · One
     - 1
     - nothing
     -
     -
   * - 2 · Two
     - 2 to 3
     - 1
     - 3 needs 2
     - 2 after 1
"""


@pytest.fixture
def guide():
    text = "Guide\n=====\n\nFor whom.\n" + PLAN + NEEDS
    text += TABLE.format(n=1, page="1-concepts/a")
    text += TABLE.format(n=2, page="2-neighbours/b")
    text += TABLE.format(n=3, page="2-neighbours/c")
    settings = {"doctitle_xform": False, "report_level": 5}
    document = publish_doctree(text, settings_overrides=settings)
    sessions.add_links(None, document, sessions.GUIDE)
    return document


def rows_of(document, number):
    return list(sessions.sessions(document)[number].findall(nodes.row))


def test_no_column_is_left_that_could_be_empty(guide):
    rows = rows_of(guide, 1)
    assert [len(row) for row in rows] == [2, 2, 2, 2]
    assert rows[1][1].astext() == "The question\n\nShow: only the question"
    assert rows[2][1].astext() == "An exercise"


def test_minutes_are_added_up(guide):
    assert rows_of(guide, 2)[-1].astext() == "90\n\nminutes in all"


def test_each_session_is_one_step_away(guide):
    (jump,) = guide.findall(nodes.line_block)
    assert [line.astext() for line in jump] == ["Part 1 1", "Part 2 2 3"]
    ids = [section["ids"][0] for section in sessions.sessions(guide).values()]
    assert [link["refid"] for link in jump.findall(nodes.reference)] == ids
    plan = next(guide.findall(nodes.table))
    assert [row[0][0][0]["refid"] for row in plan.findall(nodes.row)] == ids
    assert isinstance(jump.parent[1], nodes.paragraph), "the lead comes first"


def test_a_plan_has_the_links_of_its_sessions(guide):
    (place,) = sessions.sessions(guide)[2]["ids"]
    text = """
.. list-table::

   * - 1
     - `2 · A title <instructor-guide.html#%s>`_: an aim
   * - 2
     - `elsewhere <instructor-guide.html#another>`_
"""
    plans = publish_doctree(text % place)
    sessions.add_to_plans(plans, guide)
    cells = [row[1] for row in plans.findall(nodes.row)]
    assert [len(cell) for cell in cells] == [2, 1]
    links = list(cells[0][1].findall(nodes.reference))
    assert [link.astext() for link in links] == ["Exercises", "answers", "slides"]
    assert links[0]["refuri"].startswith("../2-neighbours/b.html?sheet")


def test_what_falls_with_a_session_is_said_in_the_table_and_in_the_session(guide):
    table = needs.table_in(guide)
    assert [row.astext().split("\n\n") for row in table.findall(nodes.row)] == [
        ["without", "you also lose"],
        ["1 · One, which stands on nothing."],
        ["1 · A title", "2 and 3"],
        ["2 · Two, which stands on 1. Leave out freely: 3."],
        ["2 · A title", "3"],
    ]
    lines = [section[2].astext() for section in sessions.sessions(guide).values()]
    assert lines == [
        "Stands on nothing. Without it you lose 2 and 3.",
        "Stands on 1, easier after 1. Without it you lose 3.",
        "Stands on 1 and 2. Without it you lose nothing else.",
    ]
    ids = [section["ids"][0] for section in sessions.sessions(guide).values()]
    links = [link["refid"] for link in table.findall(nodes.reference)]
    assert links == [ids[0], ids[1], ids[2], ids[2], ids[1], ids[2]]
