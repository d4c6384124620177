"""Say of each link with an English name in the Chinese edition that it is English.

A screen reader then changes its language (WCAG 3.1.2). In the menus stand the titles of
pages that are not translated, and in the text names of the API. The words of a page
itself are marked as they are read (``translations.py``).
"""

import re

from recbook_book.edition.style import is_chinese
from recbook_book.page.chinese import HAN
from recbook_book.site.written import rewrite, when_written

LINK = re.compile(r'(<a class="[^"]*\breference internal")([^>]*>(.*?)</a>)', re.DOTALL)
TITLE = re.compile(r'(<p class="prev-next-title")(>(.*?)</p>)', re.DOTALL)
STRESS = re.compile(r"<em>([^<>\u3400-\u9fff]*[A-Za-z][^<>\u3400-\u9fff]*)</em>")
TAG = re.compile(r"<[^>]*>")
WORD = re.compile("[a-z]{3}")


def mark(found):
    """Return a link with its language, if its words are English.

    >>> LINK.sub(mark, '<a class="reference internal" href="x">1.3 What it is</a>')
    '<a class="reference internal" lang="en" href="x">1.3 What it is</a>'
    >>> LINK.sub(mark, '<a class="reference internal" href="x">1.3《What》</a>')
    '<a class="reference internal" href="x">1.3《What》</a>'
    """
    words = TAG.sub("", found[3])
    is_english = WORD.search(words) and not HAN.search(words) and "《" not in words
    return f'{found[1]} lang="en"{found[2]}' if is_english else found[0]


def mark_all(app, site):
    if is_chinese(app.config):
        rewrite(site, lambda page, _: marked(page))


def marked(page):
    """Return a page whose English names, and words in italics, say that they are.

    >>> marked("Herlocker <em>et al.</em> [2002] <em>不</em>")
    'Herlocker <em lang="en">et al.</em> [2002] <em>不</em>'
    """
    page = TITLE.sub(mark, LINK.sub(mark, page))
    return STRESS.sub(r'<em lang="en">\1</em>', page)


def setup(app):
    when_written(app, mark_all, priority=900)  # others look for links as Sphinx writes
