"""The search of the built book: methods, terms, Chinese names, best first.

Asked of the book on disk, where no page may fetch another: ``make site-test``.
"""

import re

import browsing
import pytest
import serve

pytestmark = pytest.mark.site

FIRST = {  # what a reader types: the chapter that is to be found first
    "implicit feedback": "1-concepts/concepts",
    "nDCG": "1-concepts/evaluation",
    "cosine": "2-neighbours/similarity",
    "user-based collaborative filtering": "2-neighbours/user-cf",
    "matrix factorization": "3-factorization/matrix-factorization",
    "EASE": "3-factorization/linear",
    "ease": "3-factorization/linear",
    "attention": "4-deep/attention",
    "autoencoder": "4-deep/autoencoders",
    "cold start": "5-project/recommending",
    "serving": "5-project/serving",
    "ab test": "6-marketing/ab-tests",
    "click-through rate": "6-marketing/clicks",
    "auction": "6-marketing/auctions",
    "pacing": "6-marketing/pacing",
    "frequency cap": "6-marketing/frequency",
    "bandit": "6-marketing/bandits",
    "difference in differences": "6-marketing/natural-experiments",
    "uplift": "6-marketing/uplift",
    "customer lifetime value": "6-marketing/customers",
    "attribution": "6-marketing/attribution",
    "marketing mix": "6-marketing/mix",
    "retrieval": "6-marketing/candidates",
    "fairness": "6-marketing/responsible",
    "privacy": "6-marketing/responsible",
    "generative": "7-outlook/generative",
    "did it work": "8-own-numbers/did-it-work",
}
TERMS = {  # a Chinese name, whole or begun: the term
    "协同过滤": "collaborative filtering",
    "冷启动": "cold start",
    "余弦相似度": "cosine similarity",
    "交替最小": "alternating least squares",
}


@pytest.fixture(scope="module")
def tab(browser):
    context, window, complaints = browsing.window(
        browser, serve.HTML.as_uri(), "light", 1280
    )
    yield window
    context.close()
    assert not complaints


def ask(tab, query, site=serve.HTML):
    """[(address, words)] of the results, first to last."""
    tab.goto(f"{site.as_uri()}/search.html?q={query}", wait_until="load")
    tab.wait_for_function("Search.status && Search.status.innerText !== ''")
    return tab.eval_on_selector_all(
        "#search-results li",
        """found => found.map(li => [
            li.querySelector('a:last-of-type').getAttribute('href'), li.innerText])""",
    )


@pytest.mark.parametrize("query", FIRST)
def test_the_page_that_teaches_it_is_first(query, tab):
    (address, words), *_ = ask(tab, query)
    assert address.split("#")[0] == f"chapters/{FIRST[query]}.html"
    assert len(words) > 80  # with words from it


@pytest.mark.parametrize("name", TERMS)
def test_a_chinese_name_leads_to_its_term(name, tab):
    (address, words), *_ = ask(tab, name)
    page, anchor = address.split("#")
    assert page == "chapters/appendix/glossary.html"
    assert anchor == f"term-{TERMS[name].replace(' ', '-')}"
    assert TERMS[name] in words
    assert name in words


def test_a_result_is_quoted_without_tex(tab):
    results = ask(tab, "similarity")
    assert len(results) > 3
    quoted = [words for _, words in results if "\n" in words]
    assert len(quoted) > len(results) / 2
    assert not [words for words in quoted if re.search(r"\\[a-z(\[]|\$", words)]
    assert tab.locator("#search-results mark").count() > 3


def test_no_place_is_listed_twice(tab):
    for query in ("cosine", "EASE", "recommend"):
        places = [address for address, _ in ask(tab, query)]
        assert len(places) == len(set(places)) > 1
