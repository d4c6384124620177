"""Draw the map of the course: a line for each part, a station for each chapter.

Each station is a link. The map is a part of the first page, so that it has the page's
font and the parts' colours in both themes. It is drawn twice, for wide and for narrow
screens. The stations of one path are filled, until a reader chooses another (path.js).
"""

from html import escape
from typing import NamedTuple

from drawings.drawing import tag
from sphinx.errors import SphinxError

from recbook_book.edition.strings import said
from recbook_book.first.paths import PATHS

MARKED = {stop.page for stop in PATHS["ten"].stops}
# Short names of the chapters, where there is room for one or two words.
SHORT = {
    "1-concepts/background": "Why predict",
    "1-concepts/concepts": "Feedback",
    "1-concepts/data": "Data",
    "1-concepts/evaluation": "Evaluation",
    "2-neighbours/similarity": "Similarity",
    "2-neighbours/user-cf": "User-based",
    "2-neighbours/item-cf": "Item-based",
    "3-factorization/matrix-factorization": "Factors",
    "3-factorization/biases-and-svdpp": "Biases",
    "3-factorization/als": "ALS",
    "3-factorization/ranking": "Ranking",
    "3-factorization/linear": "Linear",
    "3-factorization/bayesian": "Bayesian",
    "4-deep/embeddings-and-fm": "Embeddings",
    "4-deep/neural-cf": "NeuralCF",
    "4-deep/autoencoders": "Autoencoders",
    "4-deep/attention": "Attention",
    "4-deep/sequential": "Sequences",
    "4-deep/multi-behaviour-and-context": "Behaviour",
    "4-deep/graphs-and-knowledge": "Graphs",
    "5-project/data": "Data",
    "5-project/model": "Model",
    "5-project/training": "Training",
    "5-project/evaluation": "Evaluation",
    "5-project/recommending": "Recommending",
    "5-project/serving": "Serving",
    "5-project/scale-out": "Scaling out",
    "6-marketing/ab-tests": "A/B tests",
    "6-marketing/clicks": "Clicks",
    "6-marketing/conversions": "Conversions",
    "6-marketing/positions": "Positions",
    "6-marketing/auctions": "Auctions",
    "6-marketing/pacing": "Pacing",
    "6-marketing/frequency": "Frequency",
    "6-marketing/experiments": "Experiments",
    "6-marketing/programme": "Many tests",
    "6-marketing/bandits": "Bandits",
    "6-marketing/off-policy": "Off-policy",
    "6-marketing/observational": "No trial",
    "6-marketing/natural-experiments": "Natural tests",
    "6-marketing/uplift": "Uplift",
    "6-marketing/customers": "Customers",
    "6-marketing/attribution": "Attribution",
    "6-marketing/mix": "Mix",
    "6-marketing/candidates": "Candidates",
    "6-marketing/responsible": "Responsible",
    "6-marketing/campaign": "Campaign",
    "7-outlook/applications": "Six cases",
    "7-outlook/tools-and-resources": "Tools",
    "7-outlook/trends-and-challenges": "Trends",
    "7-outlook/faq": "Questions",
    "7-outlook/generative": "Generative",
    "8-own-numbers/what-to-show": "Lists",
    "8-own-numbers/customer-value": "Value",
    "8-own-numbers/whom-to-write-to": "Letters",
    "8-own-numbers/did-it-work": "Tests",
    "8-own-numbers/which-banner": "Banners",
}


class Chapter(NamedTuple):
    """A chapter as the first page lists it: ``page`` is its name below chapters/."""

    page: str
    docname: str
    number: str
    title: str
    address: str


def words(x, y, text, look, anchor="start", size=13):
    place = {"x": round(x), "y": round(y), "font_size": size, "text_anchor": anchor}
    return tag("text", escape(text), class_=look, **place)


def station(x, y, chapter):
    """Return a link: a ring with the chapter's number, and its short name below."""
    if chapter.page not in SHORT:
        raise SphinxError(f"course_map.py: SHORT has no name for {chapter.page}")
    target = tag("rect", x=round(x - 42), y=y - 16, width=84, height=64, class_="touch")
    ring = tag("circle", cx=round(x), cy=y, r=7, class_="stop")
    number = words(x, y + 25, chapter.number, "number", "middle")
    label = words(x, y + 42, said(SHORT[chapter.page]), "name", "middle", 14)
    address = {"href": escape(chapter.address), "aria-label": escape(chapter.title)}
    on = {"class_": "on-path"} if chapter.page in MARKED else {}
    return tag("a", target + ring + number + label, **address, **on)


def draw(parts, columns, width):
    """Return the map as SVG.

    Parameters
    ----------
    parts : list of (str, str, list of Chapter)
        Number and name of each part, and its chapters.
    columns : int
        Number of stations that fit on one line.
    width : int
        In pixels.
    """
    drawn, y, left = [], 18, 26
    step = (width - left) / columns
    for number, name, chapters in parts:
        pieces = [words(left, y, f"{number} · {name}", "part", size=17)]
        rows = [chapters[n : n + columns] for n in range(0, len(chapters), columns)]
        for row in rows:
            y += 30
            places = [left + step * (n + 0.5) for n in range(len(row))]
            ends = {"x1": 8, "y1": y, "x2": round(places[-1]), "y2": y}
            pieces.append(tag("line", class_="line", **ends))
            pieces += map(station, places, [y] * len(row), row)
            last, y = y, y + 46
        drawn.append(tag("g", "\n".join(pieces), data_of=number))
        y += 34
    trunk = tag("line", class_="trunk", x1=8, y1=48, x2=8, y2=last)
    frame = {"viewBox": f"0 0 {width} {last + 54}", "role": "group"}
    frame["aria-label"] = said("Map of the course: a link to each chapter")
    return tag("svg", "\n".join([trunk, *drawn]), **frame)
