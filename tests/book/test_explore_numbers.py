"""What a cell glued into a figure to move is an attribute, and no words of the page."""

import pytest

pytest.importorskip("sphinx")

import smallbook

PAGE = """# A page

```{explore} ruler
Move it.

'[1, ["8:44", −2.5]]'
```
"""


def test_numbers_become_an_attribute_and_the_first_paragraph_stays(tmp_path):
    _, html, complaints = smallbook.page(tmp_path, PAGE, "page.explore")
    assert not complaints
    assert 'data-numbers="[1,[&quot;8:44&quot;,-2.5]]"' in html
    assert "<p>Move it.</p>" in html
    assert html.count("8:44") == 1
    assert "explore.js" in html


def test_a_figure_that_nobody_drew_is_refused(tmp_path):
    text = PAGE.replace("ruler", "rulers")
    _, _, complaints = smallbook.page(tmp_path, text, "page.explore")
    assert "explore.js has no figure 'rulers'" in complaints
