"""Each figure as a browser draws it: no word on another, none cut, none too small.

A figure is drawn in the page, so its words have boxes that can be asked for; 1280 px is
the width at which the column has its full width. ``test_site.py``, which opens every
page at that width, asks for its ``faults``.
"""

import browsing
import pytest

pytestmark = pytest.mark.site

HTML = browsing.SHOTS.parent / "html"
SMALLEST = 12  # px, which is 9 pt; indices and powers may be smaller than their line
# A phone of 390 × 844 shows an enlarged figure lying on its side (aids.css, and seen in
# test_aids.py): the room that it has there, and its smallest letters, in px.
LYING = {"wide": 772, "high": 374, "least": 11}
# With a row for each model, or a name for each film, they are as high as the column.
HIGH = ["fig-results-folds", "fig-results-cost", "fig-mf-films"]
LOOK = r"""({smallest, lying, high}) => {
    // A word on the screen: four corners, without the empty edges of its line.
    const corners = text => {
        const {x, y, width, height} = text.getBBox(), at = text.getScreenCTM();
        const side = Math.min(1 / Math.hypot(at.a, at.b), width / 2);
        return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([right, low]) =>
            new DOMPoint(x + (right ? width - side : side),
                y + height * (low ? 0.8 : 0.2)).matrixTransform(at));
    };
    // Two convex shapes lie apart if they do along the normal of one of their sides.
    const apart = (one, two) => [one, two].some(shape => shape.some((p, i) => {
        const q = shape[(i + 1) % 4];
        const along = r => (q.y - p.y) * r.x + (p.x - q.x) * r.y;
        const [a, b] = [one, two].map(all => all.map(along));
        return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
    }));
    const wrong = [];
    const figures = [...document.querySelectorAll('.bd-article svg[role=img]')];
    figures.forEach((svg, number) => {
        if (!svg.checkVisibility()) return;
        const frame = svg.getBoundingClientRect(), found = [];
        const says = what => wrong.push(`figure ${number + 1}: ${what}`);
        const {width, height} = svg.viewBox.baseVal;
        const turned = svg.closest('figure') && width > 1.1 * height
            && !svg.closest(high.map(id => `#${id}`).join());
        const onPhone = Math.min(lying.wide / width, lying.high / height);
        for (const text of svg.querySelectorAll('text')) {
            const words = text.textContent.trim().replace(/\s+/g, ' ');
            if (!words) continue;
            const box = corners(text), at = text.getScreenCTM();
            const sizes = [text, ...text.querySelectorAll('tspan')].filter(
                e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
                .map(e => parseFloat(getComputedStyle(e).fontSize));
            const size = Math.max(...sizes) * Math.hypot(at.a, at.b);
            if (size < smallest - 0.1) says(`"${words}" has ${size.toFixed(1)} px`);
            const there = size * width / frame.width * onPhone;
            if (turned && there < lying.least - 0.1)
                says(`"${words}" has ${there.toFixed(1)} px on a phone`);
            if (box.some(p => p.x < frame.left - 1 || p.x > frame.right + 1
                || p.y < frame.top - 1 || p.y > frame.bottom + 1))
                says(`"${words}" is cut by the edge`);
            for (const other of found) {
                const [p, q] = [other.box[0], box[0]];
                const twice = other.words === words // a halo, and the word on it
                    && Math.hypot(p.x - q.x, p.y - q.y) < 1;
                if (!twice && !apart(other.box, box))
                    says(`"${words}" lies on "${other.words}"`);
            }
            found.push({words, box});
        }
    });
    return wrong;
}"""
ASKED = {"smallest": SMALLEST, "lying": LYING, "high": HIGH}
# Figures of the text that nobody can refer to. Exercises and solutions may have them.
NAMELESS = """() => [...document.querySelectorAll('.bd-article svg[role=img]')].filter(
    svg => svg.closest('.cell_output, figure') && !svg.closest('.exercise, .solution')
        && !svg.closest('figure:has(> figcaption .caption-number)')
).map(svg => svg.getAttribute('aria-label').slice(0, 80))"""
# Figures are drawn one by one: two of a page could use the same name.
TWICE = """() => {
    const ids = [...document.querySelectorAll('[id^=drawn-]')].map(e => e.id);
    return ids.filter((id, at) => ids.indexOf(id) < at);
}"""


def faults(tab):
    """What is wrong with the figures of the open page, all of it unfolded."""
    nameless = [f"no number: {words}" for words in tab.evaluate(NAMELESS)]
    twice = [f"an id stands twice: {id}" for id in tab.evaluate(TWICE)]
    return tab.evaluate(LOOK, ASKED) + nameless + twice


@pytest.fixture(scope="module")
def tab(browser):
    context, window, _ = browsing.window(browser, HTML.as_uri(), "light", 1280)
    yield window
    context.close()


def test_there_are_figures_to_look_at():
    pages = HTML.rglob("chapters/**/*.html")
    drawn = ['class="drawn"' in page.read_text(encoding="utf-8") for page in pages]
    assert sum(drawn) > 40, "few figures: run `make book` first"


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ('<text x="9" y="50">one</text><text x="60" y="50">two</text>', []),
        (
            '<text x="9" y="50">one</text><text x="15" y="52">two</text>',
            ['figure 1: "two" lies on "one"'],
        ),
        # Turned words whose upright boxes overlap, and that do not touch.
        (
            '<text transform="rotate(45 20 20)" x="20" y="20">one word</text>'
            '<text transform="rotate(45 50 20)" x="50" y="20">two word</text>',
            [],
        ),
        ('<text x="190" y="50">cut</text>', ['figure 1: "cut" is cut by the edge']),
        (
            '<text x="9" y="50" font-size="8">small</text>',
            ['figure 1: "small" has 8.0 px'],
        ),
        ('<text x="9" y="50">10<tspan dy="-5" font-size="8">3</tspan></text>', []),
        # A halo is the same word at the same place.
        ('<text x="9" y="50">one</text><text x="9" y="50">one</text>', []),
    ],
)
def test_the_look_sees_what_is_wrong(words, wrong, tab):
    tab.set_content(
        '<div class="bd-article"><svg role="img" width="200" height="100" '
        f'viewBox="0 0 200 100" font-size="14">{words}</svg></div>'
    )
    assert tab.evaluate(LOOK, ASKED) == wrong


@pytest.mark.parametrize(
    ("height", "figure", "wrong"),
    [
        (300, "fig-low", []),
        (420, "fig-high", ['figure 1: "one" has 10.7 px on a phone']),
        (420, "fig-mf-films", []),
        (500, "fig-upright", []),  # which a phone does not turn
    ],
)
def test_the_look_sees_letters_that_a_phone_makes_too_small(height, figure, wrong, tab):
    tab.set_content(
        f'<div class="bd-article"><figure id="{figure}"><svg role="img" width="500" '
        f'viewBox="0 0 500 {height}" font-size="12"><text x="9" y="50">one</text>'
        "</svg></figure></div>"
    )
    assert tab.evaluate(LOOK, ASKED) == wrong
