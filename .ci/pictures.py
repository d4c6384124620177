"""Take the pictures that the book and the README show of pages and of the service.

Usage: .venv/bin/python .ci/pictures.py [ADDRESS]

The film page and the ten films of the first page, from the service on the embedded data
(no row of MovieLens may be passed on); the card that other sites show of a link, from
the cover; and the page that the README shows, from the built book, as far as its first
figure. All go into ``chapters/_static``. The service is started, unless the address of
one that runs on the embedded data is given.
"""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import browsing
import serve
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "chapters" / "_static"
CARD = """<style>
body {{ background: #fff; font-family: "Source Sans 3", sans-serif; margin: 0; }}
@font-face {{ font-family: "Source Sans 3"; font-weight: 200 900; src: url("{font}"); }}
svg {{ display: block; height: 300px; width: 1200px; }}
main {{ padding: 45px 60px; }}
h1 {{ font-size: 74px; letter-spacing: -0.02em; line-height: 1.05; margin: 0 0 22px; }}
p {{ color: #525c6b; font-size: 33px; margin: 0; }}
</style>{cover}<main><h1>Recommender systems<br>for marketing</h1>
<p>A person, a few thousand things to offer, and room for ten. Which ten?</p></main>"""


@contextlib.contextmanager
def service():
    """Run the service on the embedded data; yield its address."""
    with tempfile.TemporaryDirectory() as empty:
        environment = os.environ | {"RECBOOK_OFFLINE": "1", "RECBOOK_CACHE": empty}
        environment.pop("RECBOOK_ML100K", None)
        command = [sys.executable, "-m", "recbook.app", "--port", "0"]
        command += ["--store", str(Path(empty) / "visitors.sqlite")]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, encoding="utf-8", cwd=ROOT, env=environment
        ) as process:
            lines = iter(process.stdout.readline, "")
            yield re.search(r"http://\S+", next(li for li in lines if "127" in li))[0]
            process.terminate()


def film_page(browser, address):
    """Choose a taste, as a visitor would; save a picture of the page, and its list."""
    context, tab, _ = browsing.window(browser, address, "light", 1280)
    tab.set_viewport_size({"width": 1280, "height": 960})
    answers = []
    tab.on("response", lambda r: "/recommendations" in r.url and answers.append(r))
    tab.goto(address, wait_until="networkidle")
    tab.locator("#tastes button").first.click()
    tab.wait_for_load_state("networkidle")
    tab.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    tab.mouse.move(0, 0)
    image = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    image.save(STATIC / "film-page.webp", quality=80, method=6)
    films = [
        {"title": readable(film["title"]), "because": readable(film["reason"]["title"])}
        for film in answers[-1].json()["recommendations"]
    ]
    text = json.dumps(films, indent=1, ensure_ascii=False) + "\n"
    (STATIC / "ten-films.json").write_text(text, encoding="utf-8")
    context.close()


def readable(title):
    """Return a title as people say it: without the year, its article in front.

    >>> readable("Last Deadline, The (1991)")
    'The Last Deadline'
    """
    title = re.sub(r" \(\d{4}\)$", "", title)
    return re.sub(r"^(.*), (The|A|An)$", r"\2 \1", title)


def card(browser):
    """Draw the card of a link, 1200 by 630, from the cover and the title."""
    context, tab, _ = browsing.window(browser, "file:", "light", 1200)
    tab.set_viewport_size({"width": 1200, "height": 630})
    cover = (STATIC / "cover.svg").read_text(encoding="utf-8")
    cover = cover.replace("<svg ", '<svg preserveAspectRatio="xMinYMid slice" ', 1)
    font = STATIC / "fonts" / "source-sans-3-latin-wght-normal.woff2"
    html = CARD.format(cover=cover, font=font.as_uri())
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as page:
        page.write(html)
        page.flush()
        tab.goto(Path(page.name).as_uri())
        tab.evaluate("document.fonts.ready")
        save(tab.screenshot(), "card.png")
    context.close()


def page(browser):
    """Take page 2.2 from its top to its first figure, which shows the toy table."""
    site = serve.HTML.as_uri()
    context, tab, _ = browsing.window(browser, site, "light", 1280)
    tab.goto(f"{site}/chapters/2-neighbours/user-cf.html", wait_until="networkidle")
    tab.wait_for_selector("mjx-container")
    figure = tab.locator(".bd-article figure").first.bounding_box()
    height = round(figure["y"] + figure["height"] + 44)  # with its fold
    tab.set_viewport_size({"width": 1280, "height": height})
    tab.evaluate("document.querySelector('.bd-sidebar-primary').scrollTo(0, 0)")
    save(tab.screenshot(), "page.png")
    context.close()


def save(shot, name):
    """Save a picture in 256 colours: a third of the size, and it looks the same."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(STATIC / name, optimize=True)


def main(address=None):
    with browsing.chromium() as browser:
        card(browser)
        page(browser)
        running = contextlib.nullcontext(address) if address else service()
        with running as address:
            film_page(browser, address)


if __name__ == "__main__":
    main(*sys.argv[1:])
