"""What the search of the Chinese edition is given: Latin words, and terms in both."""

from docutils.core import publish_doctree
from recbook_book.reading.search import Latin, terms

ENTRY = """
余弦相似度
    夹角的余弦。
"""


def test_the_index_has_the_latin_words_of_a_chinese_sentence():
    split = Latin({}).split("用nDCG值来比较 EASE 和 Slope One，θ 不动")
    assert split == ["nDCG", "EASE", "Slope", "One", "θ"]


def test_a_term_has_its_other_names_behind_it_in_the_chinese_edition():
    document = publish_doctree(ENTRY)
    (item,) = document.findall(lambda node: node.tagname == "definition_list_item")
    english = item[0].deepcopy()
    english.children = publish_doctree("cosine similarity")[0].children
    item[0]["ids"], english["ids"] = ["term-0"], ["term-cosine-similarity"]
    item.insert(1, english)
    assert list(terms(document, both=True)) == [
        ["term-0", "余弦相似度 · cosine similarity", "夹角的余弦。"],
        ["term-cosine-similarity", "cosine similarity · 余弦相似度", "夹角的余弦。"],
    ]
    assert [row[1] for row in terms(document)] == ["余弦相似度", "cosine similarity"]
