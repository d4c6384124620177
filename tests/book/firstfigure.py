"""Where the first figure of a page stands, for the tests that open pages at a desk."""

import re

# Two screens of 900 px. The opening and the objectives need the first.
TWO_SCREENS = 1800
FIRST = """() => [...document.querySelectorAll('article :is(figure, .explore)')]
    .find(e => e.checkVisibility())?.getBoundingClientRect().top + scrollY"""
IN_ITS_TURN = "a report is read from its first line, and its picture is a later block"
LATE = {
    f"chapters/8-own-numbers/{page}.html": IN_ITS_TURN
    for page in (
        "customer-value",
        "did-it-work",
        "what-to-show",
        "which-banner",
        "whom-to-write-to",
    )
}


def misplaced(tab, name):
    """Return what is wrong with the place of a chapter's first figure, if anything.

    Nothing is unfolded yet. Nothing is asked of a page without a figure, nor of the
    appendix, where things are looked up. ``LATE`` has only pages whose figure is late.
    """
    if not re.match(r"chapters/\d-", name):
        return ""
    top = tab.evaluate(FIRST)
    is_late = top is not None and top > TWO_SCREENS
    if is_late == (name in LATE):
        return ""
    return f"the first figure begins at {top} px: write {name} into LATE, or out of it"
