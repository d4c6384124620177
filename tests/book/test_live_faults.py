"""Pages that run, where something is amiss: a name, a key, a pack, a host's policy."""

import pytest
from live import build
from livepages import edit, label_of, press

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
]

SMALL = "chapters/2-neighbours/similarity.html"
# What the instructor's guide says that a host must allow, beside what any page needs.
POLICY = (
    "default-src 'self'; font-src 'self' data:; img-src 'self' blob: data:; "
    "style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' blob: 'wasm-unsafe-eval'; worker-src blob:"
)
OLD = """recbookLive.cells.filter(c => c.box?.classList.contains('live-old'))
    .map(c => `${c.id}: ${c.state.textContent}`)"""


def with_policy(policy):
    def answer(route):
        got = route.fetch()
        headers = {**got.headers, "Content-Security-Policy": policy}
        route.fulfill(response=got, headers=headers)

    return answer


def test_what_a_reader_tries_changes_no_cell_of_the_book_in_silence(page):
    """On a host with a policy, which allows what the guide says."""
    tab = page(SMALL, through=with_policy(POLICY))
    toy, stars = label_of(tab, "toy"), label_of(tab, "add-two-stars")
    first, second = (
        label_of(tab, f"ex-{name}-starter") for name in ("jaccard", "cosine")
    )
    printed = press(tab, stars)["shown"]
    assert "cosine 0.978" in printed
    mine = edit(tab, first)
    said = f"T has the book's value again: cell {first}, which you edited, had"
    for code in ("T = 0 * np.ones((5, 6))\nprint = sum = 7", "T[:] = 1"):
        mine.fill(code)
        assert press(tab, first)["state"].startswith("ran in"), code
        shown = press(tab, stars)["shown"]
        assert shown.startswith(said), code
        assert shown.endswith(printed), code
        assert press(tab, stars)["shown"] == printed, code
    # A name of one's own is there after its cell has run.
    mine.fill("def helper(x):\n    return x")
    edit(tab, second).fill("helper(3)")
    assert press(tab, second)["shown"].endswith(
        f"Cell {first} defines helper: run it first."
    )
    press(tab, first)
    assert press(tab, second)["shown"].strip() == "3"
    # A change in a cell of the book counts where others stand on it, and is seen.
    edit(tab, toy).press_sequentially("\n")
    old = tab.evaluate(OLD)
    assert "toy: changed, not run yet" in old
    assert f"add-two-stars: cell {toy} has changed since" in old
    assert not [one for one in old if one.startswith(("imports", "load", "ex-"))]
    code = tab.evaluate("recbookLive.cells.find(c => c.id === 'toy').source")
    tab.get_by_label(f"Code of cell {toy}").fill(f"{code}\nT[EVE] = 3")
    assert press(tab, stars)["shown"].startswith("[3. 3.]")
    tab.get_by_role("button", name=f"Reset cell {toy}", exact=True).click()
    assert tab.evaluate(OLD) == [f"add-two-stars: cell {toy} has changed since"]
    assert press(tab, stars)["shown"] == printed


def test_a_figure_that_is_html_keeps_its_number_and_caption(page):
    tab = page("chapters/3-factorization/matrix-factorization.html")
    figure = tab.locator("#fig-mf-bowl")
    printed = figure.inner_text()
    press(tab, label_of(tab, "cem-motion"))
    assert figure.evaluate("figure => figure.closest('.live-out') !== null")
    assert figure.inner_text() == printed


def test_the_keys_of_the_editor(page):
    """Tab and Backspace indent as programs do, Ctrl+Z goes back, Escape leads out."""
    # Who types starts Python; not here.
    tab = page(SMALL, dies=True)
    tab.route("**/_static/live/*", lambda route: route.abort())
    area = edit(tab, 2)
    assert area.evaluate("area => area.selectionStart") == 0
    area.fill("def f():")
    for keys in ("End", "Enter", "x", "Enter", "Tab", "y", "Enter", "Backspace", "z"):
        area.press(keys)
    assert area.input_value() == "def f():\n    x\n        y\n    z"
    area.press("Control+a")
    area.press("Tab")
    assert area.input_value() == "    def f():\n        x\n            y\n        z"
    area.press("Control+z")
    assert area.input_value() == "def f():\n    x\n        y\n    z"
    for keys in ("Control+End", "Shift+Tab", "Shift+Tab"):
        area.press(keys)
    assert area.input_value() == "def f():\n    x\n        y\nz"
    about = area.get_attribute("aria-describedby")
    assert "Escape, then Tab" in tab.locator(f"[id='{about}']").inner_text()
    area.press("Escape")
    area.press("Tab")
    assert area.evaluate("area => area !== document.activeElement")


def test_a_pack_that_comes_damaged_comes_again(page):
    """Past the browser's store; and said, where it comes damaged once more."""
    damaged, asked = {"book": 1, "library": 2}, []

    def portal(route):
        name = route.request.url.rpartition("/")[2].partition(".")[0]
        asked.append(name)
        if damaged.get(name, 0):
            damaged[name] -= 1
            route.fulfill(status=200, body="<title>Please log in</title>")
        else:
            route.continue_()

    tab = page(SMALL)
    tab.route("**/_static/live/*.bin?*", portal)
    said = press(tab, 2)["shown"]
    assert "it arrived damaged (library). Run starts it again" in said
    assert asked.count("library") == 2
    assert press(tab, 2)["state"].startswith("ran in")
    assert sorted(asked) == ["book"] * 2 + ["core"] + ["library"] * 3


def test_a_damaged_pack_does_not_stick_where_a_page_may_take_no_sums(page):
    tab = page(SMALL, dies=True)
    tab.evaluate("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    tab.evaluate("""() => {
        const get = fetch;
        window.asked = [];
        window.fetch = (url, how) => {
            if (url.includes('core.bin')) asked.push(how.cache);
            return get(url, how);
        };
    }""")
    size = build.read_json(build.MARKER)["core"]["bytes"]
    body = b"\x1f\x8b" + b"x" * (size - 2)
    tab.route("**/_static/live/core.bin?*", lambda route: route.fulfill(body=body))
    for asked in (["default"], ["default", "reload"]):  # past the browser's store
        assert press(tab, 2)["state"] == "Python stopped"
        assert tab.evaluate("asked") == asked


@pytest.mark.parametrize("lacking", ["'wasm-unsafe-eval'", "blob:"])
def test_the_policy_of_a_host_is_named(page, lacking):
    tab = page(SMALL, dies=True, through=with_policy(POLICY.replace(lacking, "")))
    done = press(tab, 2)
    assert done["state"] == "Python stopped"
    assert "this site's policy does not let a page start it" in done["shown"]
    assert "'wasm-unsafe-eval'" in done["shown"]
