"""What an editor does with the commands, and what is read of the written site."""

import pytest
from chinese import built, history, labels, pages, work
from recbook_book.edition.units import digest, units_of

import zh

SVG = "<svg><metadata>Matplotlib</metadata><text>loss</text><text>0.5</text></svg>"


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page with one unit that is translated, one that is stale, and a new one."""
    path = tmp_path / "chapters" / "x" / "p.md"
    path.parent.mkdir(parents=True)
    path.write_text("# One\n\nA film.\n\n## Two\n\nB.\n\n## Three\n\nC.\n", "utf-8")
    sibling = tmp_path / "zh" / "x" / "p.md"
    sibling.parent.mkdir(parents=True)
    first = digest("# One\n\nA film.")
    sibling.write_text(
        f"+++ one @{first}\n# 一\n\n电影。\n\n+++ two @00000000\n## 二\n", "utf-8"
    )
    read = pages.read
    monkeypatch.setattr(pages, "read", lambda name: read(name, tmp_path))
    monkeypatch.setattr(pages, "names", lambda: ["x/p"])
    return sibling


def test_new_adds_what_is_missing_and_touches_nothing_else(page, capsys):
    before = page.read_text("utf-8")
    work.new("x/p")
    assert "1 units added" in capsys.readouterr().out
    text = page.read_text("utf-8")
    assert text.startswith(before.rstrip("\n"))
    assert units_of(text)["three"] == (digest("## Three\n\nC."), "## Three\n\nC.")
    work.new("x/p")
    assert page.read_text("utf-8") == text


def test_new_puts_a_unit_in_its_place_and_says_which_are_gone(page, capsys):
    page.write_text("+++ three @00000000\n三\n\n+++ four @00000000\n四\n", "utf-8")
    work.new("x/p")
    assert list(units_of(page.read_text("utf-8"))) == ["one", "two", "three", "four"]
    assert "no longer in the English: four" in capsys.readouterr().out


def test_new_writes_the_skeleton_of_a_page_with_the_labels_of_its_figures(
    monkeypatch, tmp_path
):
    page = pages.read("2-neighbours/user-cf")
    monkeypatch.setattr(labels, "executed", lambda path: {"cem-picture": [output(SVG)]})
    found = dict(work.skeleton(page))
    assert found["cem-picture.labels"] == "loss = loss"
    names = list(found)
    assert names.index("cem-picture.alt") + 1 == names.index("cem-picture.labels")
    assert found["opening"] == next(u.english for u in page.units)


def output(svg):
    return {"data": {"image/svg+xml": svg, "text/plain": "<Figure>"}}


def test_what_a_cell_shows():
    table = "<table><tr><th>a &amp; b</th><td>Ann</td></tr></table>"
    glued = {"data": {"application/papermill.record/text/plain": "'It agrees.'"}}
    found = labels.shown([output(SVG), {"data": {"text/html": table}}, glued, {}])
    assert found == ["loss", "0.5", "a & b", "Ann", "It agrees."]


def test_pin_writes_the_digest_of_one_unit(page):
    work.pin("x/p", "two")
    found = units_of(page.read_text("utf-8"))
    assert found["two"] == (digest("## Two\n\nB."), "## 二")
    assert not next(u for u in pages.read("x/p").units if u.name == "two").is_stale


@pytest.mark.parametrize("units", [[], ["four"]])
def test_pin_wants_units_that_there_are(page, units):
    before = page.read_text("utf-8")
    with pytest.raises(SystemExit, match="recbook: "):
        work.pin("x/p", *units)
    assert page.read_text("utf-8") == before


def test_todo_shows_what_has_changed(page, capsys, monkeypatch):
    old = {"two": "## Two\n\nA."}
    monkeypatch.setattr(history, "translated_from", lambda page, units: old)
    work.todo()
    assert capsys.readouterr().out.splitlines()[1:] == [
        *("x/p two: stale", "## Two [-A.-] {+B.+}", "", "x/p three: not translated")
    ]


def test_git_has_the_english_of_a_digest():
    page = pages.read("2-neighbours/door")
    unit = next(unit for unit in page.units if unit.english)
    found = history.translated_from(page, [pages.Unit("", "u", "", "", unit.pin)])
    assert found == {} or digest(found["u"]) == unit.pin


def test_only_stale_units_are_counted(page, capsys):
    zh.stale()
    assert capsys.readouterr().out == "zh: 2 units stale\n"


def test_check_of_a_page_that_is_behind_does_not_fail_and_a_release_does(
    page, capsys, monkeypatch
):
    monkeypatch.setattr(pages, "accepted", list)
    zh.main([])
    assert "x/p two: stale" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        zh.main(["check", "--release"])


def test_check_fails_for_a_problem_unless_it_is_accepted(page, capsys, monkeypatch):
    page.write_text(page.read_text("utf-8").replace("电影。", "电影 。"), "utf-8")
    monkeypatch.setattr(pages, "accepted", list)
    with pytest.raises(SystemExit):
        zh.main(["x/p"])
    line = capsys.readouterr().out.splitlines()[-2]
    assert line.startswith("x/p one: 全角标点旁有空格")
    monkeypatch.setattr(pages, "accepted", lambda: [line])
    zh.main([])


def test_reading_shows_the_chinese_of_claims(page, capsys):
    page.write_text("+++ one\n它不高。\n\n+++ two\n二。\n\n+++ three\n三。\n", "utf-8")
    work.reading("x/p")
    said = capsys.readouterr().out
    assert ["它不高。" in said, "二。" in said, "三。" in said] == [True, True, False]


# The written site -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<text>stars</text>", True),
        ("<text>星数</text><text>Ann</text><text>0.5</text>", False),
        ("<th><p>record</p></th>", True),
        ("<td>record</td>", False),
        ('<img alt="Two bars">', True),
        ('<img alt="两根横条：Ann">', False),
        ('<svg aria-label="A map of stars">', True),
        ('<a aria-label="6.5 What does an impression cost?">', False),
    ],
)
def test_english_in_a_written_page(text, found, monkeypatch):
    monkeypatch.setattr(built, "titles", lambda: ["What does an impression cost?"])
    assert bool(list(built.english(text))) is found


def test_markup_that_a_reader_sees():
    assert list(built.markup("<p>**手算，**取</p>"))
    assert list(built.markup("<p>见 {term}`收缩`</p>"))
    assert not list(built.markup("<p>手算</p>"))


def test_what_is_code_or_english_on_purpose_is_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(built, "SITE", tmp_path)
    words = (
        '<article><pre>{"a": **b}</pre><div lang="en"><th>stars</th></div>'
        "<th>loss</th><th>stars</th></article><th>footer</th>"
    )
    (tmp_path / "intro.html").write_text(words, encoding="utf-8")
    page = pages.Page("intro", tmp_path, tmp_path, (), {"x": "loss = loss"})
    assert built.problems(page) == []
    assert built.behind(page) == ["intro built: English in <th>: 'stars'"]
