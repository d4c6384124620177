"""The glossary: its letters, and its field in a browser (``make site-test``)."""

import browsing
import pytest
import serve
from docutils.core import publish_doctree
from recbook_book.reading.glossary import letters

TERMS = """
A/A test
    One.

accuracy
    Two.

bandit
    Three.
"""


def test_a_letter_leads_to_the_first_term_that_begins_with_it():
    document = publish_doctree(TERMS)
    for item in document.findall(lambda node: node.tagname == "term"):
        item["ids"] = [f"term-{item.astext()}"]
    assert letters(document) == {"A": "term-A/A test", "B": "term-bandit"}


def test_a_chinese_name_has_no_letter_even_if_it_begins_with_one():
    document = publish_doctree("ε-贪心\n    Four.\n\nepsilon-greedy\n    Four.\n")
    for item in document.findall(lambda node: node.tagname == "term"):
        item["ids"] = [f"term-{item.astext()}"]
    assert letters(document) == {"E": "term-epsilon-greedy"}


@pytest.fixture
def tab(browser):
    site = serve.HTML.as_uri()
    context, tab, complaints = browsing.window(browser, site, "dark", 390)
    tab.goto(f"{site}/chapters/appendix/glossary.html", wait_until="load")
    yield tab
    context.close()
    assert not complaints


@pytest.mark.site
def test_each_letter_is_a_link_to_a_term(tab):
    links = tab.locator(".letters a")
    assert links.count() > 20
    for link in links.all():
        term = tab.locator(f"[id='{link.get_attribute('href')[1:]}']")
        assert term.inner_text()[0].upper() == link.inner_text()


@pytest.mark.site
@pytest.mark.parametrize("name", ["cosine sim", "余弦", "SIMILARITY COSINE"])
def test_a_term_is_found_by_either_name(name, tab):
    tab.get_by_label("Find a term").fill(name)
    shown = tab.locator("dl.glossary > dt:visible")
    assert "cosine similarity" in [text.rstrip("#") for text in shown.all_inner_texts()]
    assert 0 < shown.count() < 10
    found = tab.locator(".glossary-filter output").inner_text()
    assert 0 < int(found.split()[0]) <= shown.count()
    tab.get_by_label("Find a term").fill("cold-start")
    assert shown.first.inner_text().rstrip("#") == "cold start"


@pytest.mark.site
def test_a_link_to_a_hidden_term_shows_all_again(tab):
    everything = tab.locator("dl.glossary > dt:visible").count()
    tab.get_by_label("Find a term").fill("cosine")
    tab.evaluate("location.hash = '#term-uplift'")
    uplift = tab.locator("[id='term-uplift']")
    uplift.wait_for(state="visible")
    assert tab.locator("dl.glossary > dt:visible").count() == everything
    assert 0 <= uplift.bounding_box()["y"] < 844
