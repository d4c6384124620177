"""The written site: nothing of English or of markup is left in a translated page."""

import html
import re
from collections.abc import Iterator

from chinese import labels
from chinese.pages import ROOT, Page

SITE = ROOT / "_build" / "html" / "zh" / "chapters"
ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
QUIET = re.compile(  # what is not read, or is code, or is said in English on purpose
    r"<(script|style|pre|code|metadata|defs|title)\b.*?</\1>"
    r"|<(\w+)\b[^>]*\blang=\"en\"[^>]*>.*?</\2>|<!--.*?-->"
    r"|<span class=\"math[^>]*>.*?</span>|<div class=\"math\b.*?</div>",
    re.DOTALL,
)
TEXTS = re.compile(r"<(text|th|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
ATTRIBUTE = re.compile(r"\b(aria-label|alt|title)=\"([^\"]+)\"")
TAG = re.compile(r"<[^>]+>")
HAN = re.compile("[\u3400-\u9fff]")
MARKUP = (("**", r"\*\*"), ("{", r"\{"), ("+++", r"\+\+\+"))


def is_there() -> bool:
    """Whether the Chinese site has been built."""
    return SITE.is_dir()


def of_page(page: Page) -> list[str]:
    """Return the lines that the checker prints of a page as it was written."""
    path = SITE / f"{page.name}.html"
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    lines = [f"{page.name} built: {problem}" for problem in problems(text)]
    return list(dict.fromkeys(lines))


def problems(text: str) -> Iterator[str]:
    """Yield what a written page shows that no Chinese reader should see."""
    article = QUIET.sub(" ", "".join(ARTICLE.findall(text)))
    for kind, body in TEXTS.findall(article):
        words = " ".join(html.unescape(TAG.sub("", body)).split())
        if kind != "td" and is_english(words):
            yield f"English in <{kind}>: {words[:50]!r}"
    for name, value in ATTRIBUTE.findall(article):
        if is_english(words := html.unescape(value)):
            yield f"English in {name}: {words[:50]!r}"
    bare = html.unescape(TAG.sub(" ", article))
    for mark, pattern in MARKUP:
        if found := re.search(rf".{{0,12}}{pattern}.{{0,12}}", bare):
            yield f"{mark!r} is shown: {found[0]!r}"


def is_english(words: str) -> bool:
    """Whether a text has English words and not a letter of Chinese."""
    return not HAN.search(words) and not labels.stays(words)
