"""What prints built pages: a browser without what paper has no use for; no dates."""

import contextlib
import re

import browsing

# Large, and of no use on paper.
LEFT_OUT = re.compile(r"fontawesome|searchindex|searchtools|language_data")
DATE = re.compile(rb"\(D:\d{14}[^)]*\)")


@contextlib.contextmanager
def chromium(width=1280, height=720):
    """Yield the context of a browser of its own, as large as a slide or as asked."""
    with browsing.chromium() as browser:
        yield on_paper(browser, width, height)


def on_paper(browser, width, height):
    """Return a browser's context that is light and still."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.route(LEFT_OUT, lambda route: route.abort())
    return context


def undated(pdf):
    """Return a PDF without the time when it was made: the same page, the same bytes.

    >>> undated(b"(D:20261201104936+00'00')")
    b"(D:20000101000000       )"
    """
    return DATE.sub(lambda m: b"(D:20000101000000".ljust(len(m[0]) - 1) + b")", pdf)
