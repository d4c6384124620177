"""A browser for what prints pages, and for the tests of pages and of the service.

Usage: .venv/bin/python .ci/browsing.py, which sees that there is one
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

SHOTS = Path(__file__).resolve().parents[1] / "_build" / "screenshots"
MODES = [(theme, width) for theme in ("light", "dark") for width in (390, 1280)]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ),
    *("--disable-default-apps", "--disable-extensions", "--hide-scrollbars"),
    # No other host is found. To stop requests one by one would also stop the cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
PACKAGES = ("chromium", "fonts-noto-cjk")
CHANNELS = ("chrome", "msedge")  # which Playwright finds: Windows always has Edge
WIDER = """() => {
    const wide = document.documentElement.scrollWidth;
    if (wide <= window.innerWidth) return [];
    const seen = [...document.querySelectorAll('article *')].filter(
        e => e.getBoundingClientRect().right > window.innerWidth + 1);
    return [`page is ${wide} px wide`].concat(
        seen.slice(0, 5).map(e => e.tagName + '.' + e.className));
}"""
# Contrast is nine tenths of the time, which goes by the number of elements in sight. It
# is asked of each text but formulas, which it never judges, and of one of all the words
# of code that look the same on the same ground.
AXE = """async () => {
    const seen = new Set();
    for (const word of document.querySelectorAll('pre span:not(:has(*))')) {
        const own = getComputedStyle(word);
        let look = [own.color, own.fontSize, own.fontWeight, own.fontStyle].join();
        for (let e = word; e; e = e.parentElement) {
            const {backgroundColor, backgroundImage, opacity} = getComputedStyle(e);
            look += [backgroundColor, backgroundImage, opacity].join();
        }
        word.toggleAttribute('data-like-another', seen.has(look));
        seen.add(look);
    }
    const options = {resultTypes: ['violations'], preload: false};
    const rest = await axe.run(document,
        {...options, rules: {'color-contrast': {enabled: false}}});
    const sheet = new CSSStyleSheet();  // which no policy of the page refuses
    sheet.replaceSync('mjx-container, [data-like-another] {display: none !important}');
    document.adoptedStyleSheets.push(sheet);
    const contrast = await axe.run(document, {...options, runOnly: ['color-contrast']});
    document.adoptedStyleSheets.pop();
    return [...contrast.violations, ...rest.violations]
        .filter(v => ['serious', 'critical'].includes(v.impact))
        .map(v => `${v.id}: ` + v.nodes.slice(0, 4).map(n => n.html.slice(0, 160)
            + ' | ' + n.failureSummary.slice(0, 260)).join(' || '));
}"""


@contextlib.contextmanager
def chromium():
    """Yield a browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = launched(driver.chromium)
        yield found
        found.close()


def launched(chromium, flags=FLAGS):
    """Return a browser: Chromium from the PATH, else Chrome or Edge from their places.

    Raises
    ------
    LookupError
        If the machine has none of them.
    """
    from playwright.sync_api import Error

    if CHROMIUM:
        return chromium.launch(executable_path=CHROMIUM, args=flags)
    for channel in CHANNELS:
        with contextlib.suppress(Error):
            return chromium.launch(channel=channel, args=flags)
    raise LookupError("no Chromium, Chrome or Edge found")


def is_there():
    """Return whether there is a browser."""
    if CHROMIUM:
        return True
    with contextlib.suppress(LookupError), chromium():
        return True
    return False


def main():
    """See that there is a browser: install it as root on Debian, else say how."""
    if is_there():
        return
    apt = shutil.which("apt-get")
    if apt and os.getuid() == 0:
        quiet = {"check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([apt, "update", "-qq"], **quiet)
        subprocess.run([apt, "install", "-y", "-qq", *PACKAGES], **quiet)
    else:
        sys.exit(
            "recbook: this needs Chromium, Chrome or Edge: install one (on Debian, "
            "apt-get install chromium), then run it again."
        )


def window(browser, address, theme, width):
    """Open a window; return (context, tab, complaints). The last fills up during use.

    A complaint is an error on the console or on the page, or a question to another
    host than ``address``, which is not answered.
    """
    context = browser.new_context(
        color_scheme=theme,
        viewport={"width": width, "height": 844 if width < 600 else 900},
        reduced_motion="reduce",
        service_workers="block",  # it would fetch the whole book for each window
    )
    complaints = []

    def guard(request):
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"asked another host: {request.url}")

    context.on("request", guard)
    tab = context.new_page()
    tab.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    return context, tab, complaints


def axe():
    """Return the source of axe, which checks accessibility. AXE calls it."""
    import axe_playwright_python

    (script,) = Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")
    return script.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
