"""Quick questions on a page: the tree, the page without scripts, and the quiz."""

import json
import re

import browsing
import pytest
import smallbook
from bookpages import ROOT, pages
from docutils import nodes
from recbook_book.page import quick

from recbook import checks
from recbook.checks.registry import REGISTRY

QUESTION = """
```{{quick}} {id}
How *alike*?

On two films.

a. $1$ of 2
b. much,
   and more
{c}
```
"""


@pytest.fixture
def read(tmp_path):
    """Return a function: the tree of a page, and all that Sphinx complained of."""

    def read(*questions):
        text = "# Quick\n" + "".join(questions)
        tree, _, complaints = smallbook.page(tmp_path, text, "page.quick")
        return tree, complaints

    return read


def test_the_tree_has_the_question_its_options_and_the_answer(read, tmp_path):
    tree, complaints = read(QUESTION.format(id="2-q1", c="c. not at all"))
    assert not complaints
    (quick,) = (c for c in tree.findall(nodes.container) if "quick" in c["classes"])
    assert quick["check"] == "2-q1"
    *texts, options, answer = quick
    assert [text.astext() for text in texts] == ["How alike?", "On two films."]
    assert options["enumtype"] == "loweralpha"
    said = [" ".join(option.astext().split()) for option in options]
    assert said == ["1 of 2", "much, and more", "not at all"]
    assert answer["classes"] == ["quick-answer"]
    starts = [line.astext().partition(": ")[0] for line in answer]
    assert starts == ["a is right", "b", "c"]

    html = (tmp_path / "_build" / "html" / "index.html").read_text()
    group = re.search(r"<fieldset.*?</fieldset>", html, re.S)[0]
    assert "<legend>Question 1 of 1</legend>" in group
    fold = re.search(r"<details.*</details>", group, re.S)[0]
    assert "<summary>Answer</summary>" in fold
    assert "a is right" in fold
    assert "is right" not in group.replace(fold, "")


def test_a_question_without_its_check_stops_the_book(read):
    wrong = [
        ("2-q77", "c. no"),
        ("2.1-angle", "c. no"),
        ("2-q1", ""),
        ("2-q1", "d. no"),
    ]
    _, complaints = read(*(QUESTION.format(id=id, c=c) for id, c in wrong))
    assert "no check of recbook has the quick question '2-q77'" in complaints
    assert "no check of recbook has the quick question '2.1-angle'" in complaints
    assert "2-q1 has options ab, its check has others" in complaints
    assert "2-q1 has options abd, its check has others" in complaints


# In a browser ----------------------------------------------------------------------

BUILT = [
    (ROOT / "_build" / "html" / "chapters" / page.name).with_suffix(".html")
    for page in pages()
    if page.quick
]


@pytest.mark.site
@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.parent.name)
def test_a_quiz_marks_itself_by_keyboard_alone(browser, path):
    context, tab, complaints = browsing.window(browser, "file:", "light", 1280)
    tab.goto(path.as_uri(), wait_until="load")
    assert re.match(r"Quick questions", tab.locator("h1").first.inner_text())
    questions = tab.locator("fieldset.quick").all()
    for n, question in enumerate(questions):
        right = question.get_attribute("data-right")
        wrong = "b" if right == "a" else "a"
        options = question.locator(".quick-letter")
        feedback = question.get_by_role("status")
        assert feedback.inner_text() == ""
        options.first.focus()
        assert options.count() == 3
        tried = [wrong, right] if n % 2 else [right]
        for letter in tried:
            options.nth("abc".index(letter)).focus()
            tab.keyboard.press("Enter" if n % 3 else "Space")
            begins = f"Right, {letter}: " if letter == right else f"Not {letter}: "
            assert feedback.inner_text().startswith(begins)
            link = feedback.get_by_role("link").first
            assert link.inner_text()[0] == path.parent.name[0]
        marks = question.locator(".quick-mark").all_inner_texts()
        assert (
            sorted(filter(None, marks)) == ["✓ right", "✗ not this one"][: len(tried)]
        )
        said = re.compile(rf"^{right} .* ✓ right$")
        assert question.get_by_role("button", name=said).count() == 1
    n = len(questions)  # every other one was answered wrong before
    said = tab.locator(".quick-score").inner_text()
    assert said == f"{n // 2} of {n} at the first try"
    assert not complaints
    context.close()


@pytest.mark.site
def test_a_look_at_the_answer_is_a_try(browser):
    context, tab, _ = browsing.window(browser, "file:", "dark", 390)
    tab.goto(BUILT[0].as_uri(), wait_until="load")
    question = tab.locator("fieldset.quick").first
    question.locator("summary").click()
    tab.get_by_text("1 of 6 answered").wait_for()
    right = question.get_attribute("data-right")
    for each in tab.locator("fieldset.quick").all():
        right = "abc".index(each.get_attribute("data-right"))
        each.locator("li").nth(right).click()  # anywhere in the option
    assert tab.locator(".quick-score").inner_text() == "5 of 6 at the first try"
    context.close()


@pytest.mark.site
@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.parent.name)
def test_without_scripts_the_answers_are_folded_and_there(browser, path):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(path.as_uri())
    questions = tab.locator("fieldset.quick").all()
    assert len(questions) in (6, 18)
    for question in questions:
        answer = question.locator("details p").first
        assert question.locator("ol > li").count() == 3
        assert question.locator("button").count() == 0
        assert not answer.is_visible()
        question.locator("summary").click()
        assert answer.is_visible()
        right = question.get_attribute("data-right")
        assert answer.inner_text().startswith(f"{right} is right: ")
    tab.emulate_media(media="print")  # as folded on paper as they were on the screen
    assert not tab.locator("details p").first.is_visible()
    context.close()


def test_its_notebook_asks_and_the_page_folds_the_answer(tmp_path):
    """The notebook is written from the tree before the page's folds are."""
    (tmp_path / "src" / "2-part").mkdir(parents=True)
    toctree = "# Book\n\n```{toctree}\n:caption: Part\n2-part/quick-questions\n```\n"
    (tmp_path / "src" / "index.md").write_text(toctree)
    page = "# Quick\n" + QUESTION.format(id="2-q1", c="c. not at all")
    (tmp_path / "src" / "2-part" / "quick-questions.md").write_text(page)
    parts = ("page.quick", "notebooks.students")
    app, complaints = smallbook.build(tmp_path / "src", *parts)
    assert not complaints
    folder = app.outdir.parent / "notebooks"
    text = (folder / "2-part" / "quick-questions.ipynb").read_text(encoding="utf-8")
    sources = [cell["source"] for cell in json.loads(text)["cells"]]
    sources = sources[2:]  # below a note, and the cell that imports recbook
    assert sources == [
        "# Quick",
        "### Question 1\n\nHow *alike*?\n\nOn two films.\n\n- **a.** $1$ of 2\n"
        "- **b.** much, and more\n- **c.** not at all",
        'recbook.check("2-q1", "");',
    ]
    html = (app.outdir / "2-part" / "quick-questions.html").read_text(encoding="utf-8")
    assert '<details class="quick-answer">' in html
    assert (app.outdir / "notebooks" / "2-part" / "quick-questions.ipynb").exists()


def test_an_answer_in_chinese_still_leads_to_its_chapters():
    checks.ids()
    box = quick.answer(REGISTRY["4-q4"], "zh")
    whys = [w.astext() for w in box.findall(nodes.inline) if w["classes"]]
    assert len(whys) == 3
    for why in whys:
        assert why.endswith("。见 4.4 和 4.5。")
        assert [found[0] for found in quick.CHAPTER.finditer(why)] == ["4.4", "4.5"]
    english = quick.answer(REGISTRY["4-q4"]).astext()
    assert "See 4.4 and 4.5." in english
