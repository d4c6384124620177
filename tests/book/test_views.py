"""Built pages as sheets and as slides, in a real browser: ``make site-test``.

They are read from disk, as on a stick that a teacher brings along.
"""

import re
from urllib.parse import parse_qs, urlsplit

import browsing
import pytest
import sheets
from bookpages import ALL_PAGES, chapters

pytestmark = pytest.mark.site

HTML = sheets.BUILD / "html"
CHAPTERS = {page.name: page.part for page in chapters()}
if not ALL_PAGES:  # the last of each part
    CHAPTERS = list({part: name for name, part in CHAPTERS.items()}.values())
# One with prose exercises only, one with code, one with formulas in its exercises.
THREE = ["1-concepts/background", "2-neighbours/user-cf", "3-factorization/ranking"]
TITLES = """(scope) => [...document.querySelectorAll(`${scope} .exercise`)].map(
    (exercise) => exercise.querySelector('.admonition-title').textContent.trim())"""
# What reaches out of its slide, or out of the part of it that is for content.
CUT = """() => [...document.querySelectorAll('.slide')].flatMap((slide, at) => {
    const stage = slide.querySelector('.stage');
    const box = slide.getBoundingClientRect();
    const out = (node) => {
        const {left, right, top, bottom, width} = node.getBoundingClientRect();
        return width && (left < box.left - 1 || right > box.right + 1
            || top < box.top - 1 || bottom > box.bottom + 1);
    };
    const cut = [...slide.querySelectorAll('*:not(svg *, mjx-container *)')]
        .filter(out).map((node) => node.outerHTML.slice(0, 120));
    const ends = [...stage.children].map((block) => Math.max(
        ...[...block.querySelectorAll('*:not(svg *, mjx-container *)')].map(
            (node) => node.getBoundingClientRect().bottom)));
    [...stage.children].slice(1).forEach((block, n) => {
        if (block.getBoundingClientRect().top < ends[n] - 4) cut.push('one on another');
    });
    if (stage.scrollHeight > stage.clientHeight + 1) cut.push('too high');
    if (stage.scrollWidth > stage.clientWidth + 1) cut.push('too wide');
    return cut.map((what) => `slide ${at + 1}: ${what}`);
})"""
UNSET = """() => [...document.querySelectorAll('.view .math')].filter((node) =>
    !node.querySelector('mjx-container') || node.querySelector('mjx-merror'))
    .map((node) => node.textContent)"""
WIDE = """() => [...document.querySelectorAll('.view mjx-container[display]')]
    .filter((formula) => {
        const {left, right} = formula.firstElementChild.getBoundingClientRect();
        const box = formula.parentElement.getBoundingClientRect();
        return left < box.left - 1 || right > box.right + 1;
    }).map((formula) => formula.parentElement.id)"""
# How wide the tables are, and of the first cell to fill in: width, height, border.
PAPER = """() => {
    const tables = [...document.querySelectorAll('.view table')];
    const wide = tables.map((table) => table.offsetWidth);
    const blank = tables.flatMap((table) => [...table.querySelectorAll('td')])
        .find((cell) => !cell.textContent.trim());
    if (!blank) return [wide, null];
    const {width, height} = blank.getBoundingClientRect();
    return [wide, [width, height, parseFloat(getComputedStyle(blank).borderLeftWidth)]];
}"""
# Words that reach out of their cell, or of the paper.
CLIPPED = """() => [...document.querySelectorAll('.view td')].filter((cell) => {
    const words = document.createRange();
    words.selectNodeContents(cell);
    const {left, right} = words.getBoundingClientRect();
    const box = cell.getBoundingClientRect();
    return left < Math.max(box.left, 0) - 1 || right > Math.min(box.right, 673) + 1;
}).map((cell) => cell.textContent)"""
SHOWN = """() => [...document.querySelectorAll('.slide')].findIndex((slide) =>
    Math.abs(slide.getBoundingClientRect().top) < 2) + 1"""


# Words that the back row cannot read: below 16 of 720 pixels, or 14 in a picture that
# words make smaller. An index may be smaller.
SMALL = """() => [...document.querySelectorAll('.slide')].flatMap((slide, at) => {
    const size = (node) => parseFloat(getComputedStyle(node).fontSize);
    const small = [];
    for (const drawn of slide.querySelectorAll(
            '.block:not(.beside) > * + figure svg.drawn text')) {
        const {a, b} = drawn.getScreenCTM();
        const signs = drawn.children.length ? [...drawn.children] : [drawn];
        if (Math.max(...signs.map(size)) * Math.hypot(a, b) < 13.99) small.push(drawn);
    }
    const nodes = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
        const words = nodes.currentNode.parentElement;
        if (!nodes.currentNode.data.trim() || !words.getClientRects().length) continue;
        if (words.closest('svg, mjx-container, style, sub, sup')) continue;
        if (size(words) * words.currentCSSZoom < 15.99) small.push(words);
    }
    return small.map((node) => `slide ${at + 1}: ${node.textContent.slice(0, 30)}`);
})"""
# Which things of the slide in sight can be seen.
SEEN = """(what) => {
    const slide = [...document.querySelectorAll('.slide')].find((slide) =>
        Math.abs(slide.getBoundingClientRect().top) < 2);
    return [...slide.querySelectorAll(what)].map(
        (node) => getComputedStyle(node).visibility === 'visible');
}"""
CHOOSE = """(letter) => document.querySelectorAll(`.quick [id$="-${letter}-button"]`)
    .forEach((button) => button.click())"""
SWIPE = """([from, to]) => {
    const at = (type, x) => document.querySelector('.view article').dispatchEvent(
        new PointerEvent(type, {pointerType: 'touch', isPrimary: true,
            bubbles: true, clientX: x, clientY: 300}));
    at('pointerdown', from);
    at('pointerup', to);
}"""


@pytest.fixture(scope="module")
def tab(browser):
    """A window that reads the book from disk, and the complaints it collects."""
    context, window, complaints = browsing.window(browser, HTML.as_uri(), "light", 1280)
    window.set_viewport_size({"width": 1280, "height": 720})
    yield window, complaints
    context.close()


def look(tab, name, query):
    """Open a view of a chapter and wait until it is laid out."""
    window, complaints = tab
    complaints.clear()
    window.goto(f"{HTML.as_uri()}/chapters/{name}.html?{query}", wait_until="load")
    window.wait_for_function(sheets.READY)
    return window


@pytest.mark.parametrize("name", THREE)
def test_a_sheet_has_every_exercise_and_no_solution(tab, name):
    window = look(tab, name, "sheet")
    (page,) = [page for page in chapters() if page.name == name]
    titles = window.evaluate(TITLES, ".view")
    assert len(titles) == len(page.exercises)
    assert all(titles)
    text = window.evaluate("document.body.innerText")
    assert "Solution to" not in text
    assert not window.locator(".view .solution").count()
    assert all(
        re.search(r"★\s+Level \d of 3,\s+\d+ min", part)
        for part in re.split(r"Exercise \d", text)[1:]
    )
    assert not window.evaluate(UNSET)
    assert not tab[1]


@pytest.mark.parametrize("name", THREE)
def test_answers_stand_below_their_exercises(tab, name):
    window = look(tab, name, "sheet=answers")
    n_exercises = len(window.evaluate(TITLES, ".view"))
    solutions = window.locator(".view .exercise + .solution > section")
    assert solutions.count() == n_exercises
    assert all(solutions.nth(k).is_visible() for k in range(n_exercises))


@pytest.mark.parametrize(
    "name", ["4-deep/embeddings-and-fm", "5-project/model", "5-project/training"]
)
def test_no_formula_is_wider_than_its_sheet(tab, name):
    window = look(tab, name, "sheet=answers")
    window.emulate_media(media="print")
    window.set_viewport_size({"width": 673, "height": 1000})  # A4 within its margins
    assert not window.evaluate(WIDE)
    window.emulate_media(media="screen")
    window.set_viewport_size({"width": 1280, "height": 720})


def test_a_paper_sheet_has_room_and_a_cage_to_write_in(tab):
    window = look(tab, "appendix/paper-sheets", "sheet")
    window.emulate_media(media="print")
    window.set_viewport_size({"width": 673, "height": 1000})
    wide, blank = window.evaluate(PAPER)
    assert set(wide) == {673}
    # Of four columns the first has a fifth; the others share the rest.
    assert blank == pytest.approx([673 * 0.8 / 3, 45, 1], abs=1.5)
    look(tab, "6-marketing/quick-questions", "sheet")
    assert not window.evaluate(PAPER)[1]
    assert window.evaluate(CLIPPED) == []
    window.emulate_media(media="screen")
    window.set_viewport_size({"width": 1280, "height": 720})


def test_a_sheet_is_light_in_the_dark(tab):
    window, _ = tab
    window.emulate_media(color_scheme="dark")
    look(tab, THREE[1], "sheet")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert window.evaluate(ground) == "rgb(255, 255, 255)"
    window.emulate_media(color_scheme="light")


def test_a_sheet_can_have_some_exercises_only(tab):
    window = look(tab, THREE[1], "sheet=ex-user-cf-leak,ex-user-cf-babe")
    labels = window.locator(".view .exercise").evaluate_all("all => all.map(e => e.id)")
    assert labels == ["ex-user-cf-babe", "ex-user-cf-leak"]


def test_a_sheet_of_columns_is_printed_alone(tab):
    window = look(tab, "8-own-numbers/what-to-show", "sheet=what-the-job-needs")
    heads = window.locator(".view h2").all_inner_texts()
    assert [head.strip("#").strip() for head in heads] == ["What the job needs"]
    assert window.locator(".view tbody tr").count() == 6
    assert not window.locator(".view .exercise, .view a[href*='?sheet=']").count()
    window.emulate_media(media="print")
    window.set_viewport_size({"width": 673, "height": 1000})
    assert window.evaluate(CLIPPED) == []
    window.emulate_media(media="screen")
    window.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize(
    ("name", "section", "n_sheets"),
    [
        ("paper-sheets", "entry-test", 1),
        ("campaign-project", "the-brief", 1),
        ("course-plans", "syllabus", 2),
    ],
)
def test_a_section_of_the_appendix_is_printed_alone(tab, name, section, n_sheets):
    window = look(tab, f"appendix/{name}", f"sheet={section}")
    shown = window.locator(".view .bd-article > section")
    assert shown.evaluate_all("all => all.map(e => e.id)") == [section]
    assert not window.locator(".view .headerlink:visible").count()
    pdf = window.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == n_sheets


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_slide_is_cut_and_its_formulas_are_set(tab, name):
    window = look(tab, name, "slides")
    assert window.locator(".slide").count() >= 12
    assert not window.evaluate(CUT)
    assert not window.evaluate(SMALL)
    assert not window.evaluate(UNSET)
    assert window.locator(".slide:last-child h2").inner_text().startswith("Summary")
    assert not tab[1]


def test_the_figures_of_a_page_are_on_its_slides(tab):
    window = look(tab, THREE[1], "slides")
    pictures = window.locator(".slide svg.drawn")
    assert pictures.count() >= 4
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box["height"] >= 250, "a picture takes the room of its slide"
    assert not window.locator(".zoom").count(), "a slide has no buttons"


def test_keys_turn_the_slides(tab):
    window = look(tab, THREE[1], "slides=ex-user-cf-babe")
    last = window.locator(".slide").count()
    assert window.locator(".slide .exercise").count() == 1
    at = 1
    steps = {"ArrowRight": 1, "PageDown": 1, " ": 1, "ArrowDown": 1, "ArrowLeft": -1}
    for key, step in {**steps, "PageUp": -1, "ArrowUp": -1, "Shift+ ": -1}.items():
        at += step
        window.keyboard.press(key)
        window.wait_for_function(f"({SHOWN})() === {at}")
    for key, at in {"End": last, "Home": 1}.items():
        window.keyboard.press(key)
        window.wait_for_function(f"({SHOWN})() === {at}")


def test_a_picture_comes_after_its_question(tab):
    window = look(tab, THREE[1], "slides")
    asked = window.locator(".slide:has(p):has(figure.later)").first
    at = window.locator(".slide").evaluate_all(
        "(all, one) => all.indexOf(one)", asked.element_handle()
    )
    assert "?" in asked.inner_text()
    for _ in range(at):
        window.keyboard.press("ArrowRight")
    words, picture = ".block > p", "figure svg"
    assert window.evaluate(SEEN, words) == [True]
    assert window.evaluate(SEEN, picture) == [False]
    window.emulate_media(media="print")
    assert window.locator(".slide figure.later").first.is_visible()
    window.emulate_media(media="screen")
    window.keyboard.press("PageDown")  # as a presenter has it
    assert window.evaluate(SEEN, picture) == [True]
    window.keyboard.press("PageDown")
    window.wait_for_function(f"({SHOWN})() === {at + 2}")
    window.keyboard.press("PageUp")
    window.wait_for_function(f"({SHOWN})() === {at + 1}")
    assert window.evaluate(SEEN, picture) == [True], "nothing is hidden again"


def test_a_form_is_empty_before_it_is_filled(tab):
    window = look(tab, "6-marketing/uplift", "slides")
    forms = window.locator(".slide:has(.form)")
    at = window.locator(".slide").evaluate_all(
        "(all, one) => all.indexOf(one)", forms.first.element_handle()
    )
    given, computed = ".form td:not(.result) > *", ".form .result > *"
    window.evaluate(f"document.querySelectorAll('.slide')[{at}].scrollIntoView()")
    window.wait_for_function(f"({SHOWN})() === {at + 1}")
    assert window.evaluate(SEEN, computed) == [False] * 16, "z and Q of eight customers"
    assert all(window.evaluate(SEEN, given))
    window.keyboard.press("ArrowRight")
    assert window.evaluate(SEEN, computed) == [True] * 16


def test_a_click_and_a_finger_turn_the_slides(tab):
    window = look(tab, THREE[0], "slides")
    window.mouse.click(900, 300)
    window.wait_for_function(f"({SHOWN})() === 2")
    window.mouse.click(20, 300)
    window.wait_for_function(f"({SHOWN})() === 1")
    for swipe, at in (((900, 300), 2), ((300, 900), 1)):
        window.evaluate(SWIPE, swipe)
        window.wait_for_function(f"({SHOWN})() === {at}")


@pytest.mark.parametrize("part", sorted({page.part for page in chapters()}))
def test_each_quick_question_is_a_slide_with_a_key(tab, part):
    (folder,) = (HTML / "chapters").glob(f"{part}-*")
    window = look(tab, f"{folder.name}/quick-questions", "slides")
    assert not window.evaluate(CUT)
    assert not window.evaluate(SMALL)
    questions = window.locator(".slide:has(.quick)")
    legends = questions.locator("legend").all_inner_texts()
    n = len(legends)
    assert legends == [f"Question {k + 1} of {n}" for k in range(n)] != []
    first = window.locator(".slide").evaluate_all(
        "all => all.findIndex((slide) => slide.querySelector('.quick'))"
    )
    for _ in range(first):
        window.keyboard.press("ArrowRight")
    window.wait_for_function(f"({SHOWN})() === {first + 1}")
    question = questions.first
    right = question.locator(".quick").get_attribute("data-right")
    wrong = "b" if right == "a" else "a"
    said = question.get_by_role("status")
    assert said.inner_text() == ""
    window.keyboard.press(wrong)
    assert said.inner_text().startswith(f"Not {wrong}: ")
    window.keyboard.press("Enter")
    assert said.inner_text().startswith(f"Right, {right}: ")
    window.keyboard.press(" ")
    window.wait_for_function(f"({SHOWN})() === {first + 2}")
    for letter in "cba":  # there is room for what is said of each letter
        window.evaluate(CHOOSE, letter)
        assert not window.evaluate(CUT)
    assert not tab[1]


def test_a_part_of_a_page_has_the_slides_of_its_sections(tab):
    heads = []
    for bound in ("to=the-library-s-way", "from=how-sure-are-we"):
        window = look(tab, "1-concepts/evaluation", f"slides&{bound}")
        heads.append(set(window.locator(".slide h2").all_inner_texts()))
    assert "By hand" in heads[0]
    assert "How sure are we?" in heads[1]
    assert heads[0] & heads[1] <= {""}


def test_a_page_without_a_question_is_left_alone(tab):
    window, complaints = tab
    complaints.clear()
    window.goto(f"{HTML.as_uri()}/chapters/{THREE[1]}.html", wait_until="load")
    assert not window.locator(".view").count()
    asked = window.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [name for name in asked if re.search(r"sheet\.css|/slides", name)]
    window.emulate_media(media="print")
    solutions = window.locator(".solution")
    assert not any(one.is_visible() for one in solutions.all())
    window.emulate_media(media="screen")
    assert solutions.first.is_visible()
    assert not complaints


def test_each_address_in_the_guide_asks_for_what_is_there():
    sessions = sheets.read_guide()
    assert list(sessions) == list(range(1, len(sessions) + 1)) != []
    for name, links in sessions.values():
        assert list(links) == ["exercises", "answers", "slides"], name
        for address in links.values():
            parts = urlsplit(address)
            page = (sheets.APPENDIX / parts.path).read_text(encoding="utf-8")
            asked = parse_qs(parts.query, keep_blank_values=True)
            words = [
                w for values in asked.values() for v in values for w in v.split(",")
            ]
            for word in set(words) - {"", "answers"}:
                assert f'id="{word}"' in page, address


def test_a_printed_sheet_is_the_same_each_time_and_names_no_place(tab):
    at = sheets.read_guide()[1][1]["exercises"]
    one, other = (sheets.printed(tab[0].context, at, "Session 1") for _ in range(2))
    assert one == other
    assert b"file://" not in one
    assert one.count(b"/Type /Page\n") >= 1
