"""A page of the Chinese edition that runs: its words, and those of its checks."""

import pytest
import serve
from live import build
from livepages import label_of, press

pytestmark = [
    pytest.mark.site,
    pytest.mark.skipif(
        not build.MARKER.exists(), reason="the Python for the pages could not be had"
    ),
    pytest.mark.skipif(
        not (serve.HTML / "zh" / "index.html").exists(), reason="no Chinese edition"
    ),
]

PAGE = "chapters/2-neighbours/similarity.html"
ANSWER = "import recbook\nrecbook.check('2.1-cosine', recbook.similarity.{})"
PUT = "([id, text]) => recbookLive.put(recbookLive.cells.find(c => c.id === id), text)"


@pytest.mark.parametrize(
    ("edition", "of"), [("zh/", "http"), ("zh/", "file"), ("", "")]
)
def test_what_runs_speaks_the_language_of_its_page(page, site, edition, of):
    address = serve.HTML.as_uri() if of == "file" else site
    tab = page(edition + PAGE, of=address)
    figure = press(tab, label_of(tab, "profiles"))["shown"]
    table = press(tab, label_of(tab, "null-table"))["shown"]
    starter = tab.evaluate("recbookLive.cells.find(c => c.hints && c.run).id")
    said = []
    for answer in ("cosine", "pearson"):
        tab.evaluate(PUT, [starter, ANSWER.format(answer)])
        said.append(press(tab, label_of(tab, starter))["shown"].strip())
    if edition:
        assert "星数" in figure
        assert "原始评分" in table
        assert said == ["对", "那是皮尔逊：这里不做中心化"]
    else:
        assert "stars" in figure
        assert "as rated" in table
        assert said == ["right", "that is Pearson's: nothing is centred here"]
