"""The written site: nothing of English or of markup is left in a translated page."""

import functools
import html
import re
from collections.abc import Iterator

from recbook_book.edition.units import english_of

from chinese import labels
from chinese.pages import ROOT, Page, names

SITE = ROOT / "_build" / "html" / "zh" / "chapters"
ARTICLE = re.compile(r"<article\b.*?</article>", re.DOTALL)
QUIET = re.compile(  # what is not read, or is code, or is said in English on purpose
    r"<(script|style|pre|code|metadata|defs|title)\b.*?</\1>"
    r"|<(\w+)\b[^>]*\blang=\"en\"[^>]*>.*?</\2>|<!--.*?-->"
    r"|<span class=\"math[^>]*>.*?</span>|<div class=\"math\b.*?</div>",
    re.DOTALL,
)
TEXTS = re.compile(r"<(text|th)\b[^>]*>(.*?)</\1>", re.DOTALL)
ATTRIBUTE = re.compile(r"\b(aria-label|alt)=\"([^\"]+)\"")
TAG = re.compile(r"<[^>]+>")
CHINESE = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")  # or its marks
SET_BY_TEX = "\u200b"  # stands in a formula that a figure draws
MARKUP = (("**", r"\*\*"), ("{", r"\{"), ("+++", r"\+\+\+"))


def is_there() -> bool:
    """Whether the Chinese site has been built."""
    return SITE.is_dir()


def article(page: Page) -> str:
    """Return the article of a page as it was written, without code and formulas."""
    path = SITE / f"{page.name}.html"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return QUIET.sub(" ", "".join(ARTICLE.findall(text)))


def problems(page: Page) -> list[str]:
    """Return lines for markup that a reader sees."""
    return listed(page, markup(article(page)))


def behind(page: Page) -> list[str]:
    """Return lines for what is still said in English, since its English is new."""
    kept = {words for lines in page.labels.values() for words in on_purpose(lines)}
    return listed(
        page, (why for why, text in english(article(page)) if text not in kept)
    )


def on_purpose(lines: str) -> set[str]:
    """Return the words of labels that stay, since a line says that they do."""
    return set(labels.read_lines(lines).words.values())


def listed(page: Page, found: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(f"{page.name} built: {what}" for what in found))


def markup(text: str) -> Iterator[str]:
    """Yield what was not understood as markup."""
    bare = html.unescape(TAG.sub(" ", text))
    for mark, pattern in MARKUP:
        if found := re.search(rf".{{0,12}}{pattern}.{{0,12}}", bare):
            yield f"{mark!r} is shown: {found[0]!r}"


def english(text: str) -> Iterator[tuple[str, str]]:
    """Yield (why, words) of figures, heads of tables and what is read out."""
    for kind, body in TEXTS.findall(text):
        if is_english(words := " ".join(html.unescape(TAG.sub("", body)).split())):
            yield f"English in <{kind}>: {words[:50]!r}", words
    for name, value in ATTRIBUTE.findall(text):
        if is_english(words := html.unescape(value)):
            yield f"English in {name}: {words[:50]!r}", words


def is_english(words: str) -> bool:
    """Whether a text has English words, no Chinese, and is no English page's title."""
    if CHINESE.search(words) or labels.stays(words) or SET_BY_TEX in words:
        return False
    return not any(title in words for title in titles())


@functools.cache
def titles() -> list[str]:
    """Return the titles of the pages that are not translated."""
    known, found = set(names()), []
    for path in (ROOT / "chapters").rglob("*"):
        name = path.relative_to(ROOT / "chapters").with_suffix("").as_posix()
        if path.suffix in (".md", ".ipynb") and name not in known:
            head = re.search(r"(?m)^# (.+)$", "\n".join(english_of(path).values()))
            found += [re.sub(r"[*`]", "", head[1])] if head else []
    return found
