"""The note on a page that was run on the book's own data: said once, at its top."""

import pytest

pytest.importorskip("sphinx")

from recbook_book.extension import correct_page, drop_printed_notes

OUTPUT = (
    '<div class="cell_output docutils container">\n'
    '<div class="output stream highlight-myst-ansi notranslate">'
    '<div class="highlight"><pre><span></span>Note: this page runs on '
    "recbook&#39;s own generated data, shaped like MovieLens 100K (it is not set).\n"
    "For the real one: get ml-100k.zip.\n{more}</pre></div>\n</div>\n</div>"
)


def page_of(body):
    context = {"script_files": [], "css_files": [], "body": body}
    context["pathto"] = lambda page: page
    correct_page(None, "page", "", context, None)
    drop_printed_notes(None, "page", "", context, None)
    return context["body"]


def test_the_note_is_a_banner_and_no_output_of_a_cell():
    body = page_of("<h1>Films</h1><p>Text</p>" + OUTPUT.format(more="") + "<p>End</p>")
    assert body.count("generated data") == 1
    assert body.index("data-note") < body.index("<p>Text</p>")
    assert "cell_output" not in body
    assert body.endswith("<p>End</p>")


def test_what_else_the_cell_printed_stays():
    body = page_of("<h1>Films</h1>" + OUTPUT.format(more="20 ratings\n"))
    assert "<span></span>20 ratings\n</pre>" in body
    assert body.count("generated data") == 1


def test_a_page_of_the_real_data_is_as_it_was():
    body = "<h1>Films</h1><pre>Note: two\nFor the real one: this\n</pre>"
    assert page_of(body) == body
