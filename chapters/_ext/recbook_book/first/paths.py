"""The paths through the book: which pages, which sections of them, how long it takes.

A path is an entry of ``PATHS``, and ``{path} NAME`` on the first page its card. The
links on the card have ``?path=NAME``. From there ``_static/path.js`` leads on: it knows
what ``_static/path-data.js`` says, which is written here.

``app.env.recbook_sections`` has the sections of each page and what they take to read:
``{page: {id: (title, minutes)}}``, with what stands above the first one as "", and with
the box *In marketing terms* as a section of its own.
"""

import functools
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.errors import SphinxError

from recbook_book.edition.strings import said
from recbook_book.notebooks.students import number_of
from recbook_book.page import minutes
from recbook_book.page.opening import part_of
from recbook_book.site import page_facts
from recbook_book.site.written import when_written, write_data

DATA = "path-data.js"
BOX, BOX_TITLE = "in-marketing-terms", "In marketing terms"


class Stop(NamedTuple):
    """A page on a path.

    ``read`` has the ids of the sections to be read, of the whole page none. ``without``
    says of a page that this one builds on, and that is not on the path before it, why
    these sections are understood without it.
    """

    page: str
    read: tuple = ()
    without: dict = {}

    @property
    def docname(self):
        return f"chapters/{self.page}"


class Path(NamedTuple):
    """A path: its name in the address, its title, its stops in the book's order.

    Without stops it is every page of all parts.
    """

    name: str
    title: str
    stops: tuple = ()


def whole(*pages):
    return tuple(map(Stop, pages))


# -- the paths -----------------------------------------------------------------------

RATINGS = {"1-concepts/data": "the page has its own table of twenty ratings"}
WEIGHTS = dict.fromkeys(
    ("2-neighbours/similarity", "2-neighbours/user-cf"),
    "the weights and the prediction are written out again, by hand",
)
ODDS = {
    "3-factorization/ranking": "its log odds are derived again, in two lines",
    "4-deep/embeddings-and-fm": "a field is explained where it is hashed",
}
LIFETIMES = {
    "3-factorization/bayesian": "Bayes' rule is all it takes of it, and is written out"
}
OWN_FILE = ("what-the-job-needs", "your-file")
NO_CODE = (
    *whole("1-concepts/background", "1-concepts/concepts"),
    Stop(
        "1-concepts/how-to-fool-yourself",
        (
            "looking-at-a-running-test",
            "the-number-is-right-and-answers-another-question",
            "before-you-believe-a-number",
        ),
    ),
    Stop("6-marketing/decisions"),
    Stop(
        "7-outlook/tools-and-resources",
        (
            *("five-questions-first", "what-a-dependency-costs"),
            *("data-and-what-you-may-do-with-it", "what-goes-wrong", BOX),
        ),
    ),
    Stop(
        "7-outlook/trends-and-challenges",
        without={
            "1-concepts/evaluation": "leaks and logs are in how-to-fool-yourself",
            "6-marketing/ab-tests": "the size of a test is computed on the page",
            "6-marketing/experiments": "what arms do to each other is told again",
        },
    ),
    Stop("7-outlook/faq", ("ads-letters-and-money", "testing-running-and-the-law")),
)
HALF_DAY = (
    Stop("1-concepts/background"),
    Stop(
        "1-concepts/evaluation",
        ("the-picture", "four-ways-to-hide", "how-sure-are-we", "what-goes-wrong", BOX),
        RATINGS,
    ),
    Stop("6-marketing/ab-tests"),
    Stop(
        "6-marketing/uplift",
        (
            *("the-picture", "the-effect-of-a-letter-on-people-who-look-alike"),
            *("by-hand", "an-outcome-whose-mean-is-the-effect"),
            *("judging-a-list-without-the-truth", BOX),
        ),
        {
            "6-marketing/off-policy": "only the learners take its estimator",
            "6-marketing/pacing": "only the section on a budget has its multiplier",
        },
    ),
    Stop(
        "6-marketing/campaign",
        (
            *("the-picture", "one-number-for-each-customer-and-action"),
            *("what-do-the-plans-earn", "send-and-leave-some-out", BOX),
        ),
        {
            "6-marketing/customers": "what a customer is worth is given",
            "6-marketing/off-policy": "only the forecast takes its estimator",
            "6-marketing/experiments": "the holdout is a plain test, as in ab-tests",
        },
    ),
    Stop("8-own-numbers/whom-to-write-to"),
)
TEN = (
    Stop("1-concepts/background"),
    Stop("1-concepts/evaluation", without=RATINGS),
    Stop("2-neighbours/item-cf", without=WEIGHTS),
    Stop("3-factorization/linear"),
    Stop("6-marketing/ab-tests"),
    Stop("6-marketing/clicks", without=ODDS),
    Stop(
        "6-marketing/off-policy",
        ("by-hand",),
        {
            "6-marketing/bandits": "five logged samples and two policies are enough",
            "1-concepts/data": "there is no rating in it",
        },
    ),
    Stop(
        "6-marketing/uplift",
        without={"6-marketing/pacing": "its multiplier is explained again, in a line"},
    ),
    Stop("6-marketing/customers", without=LIFETIMES),
    Stop(
        "6-marketing/campaign",
        without={"6-marketing/experiments": "the holdout is a test as in ab-tests"},
    ),
    Stop("8-own-numbers/what-to-show", OWN_FILE),
    Stop("8-own-numbers/customer-value", OWN_FILE),
    Stop("8-own-numbers/whom-to-write-to"),
)
MONTH = (
    *whole("1-concepts/background", "1-concepts/concepts", "1-concepts/data"),
    Stop("1-concepts/evaluation"),
    Stop("2-neighbours/item-cf", without=WEIGHTS),
    Stop("3-factorization/linear"),
    Stop(
        "5-project/evaluation",
        ("the-picture", "the-decision", BOX),
        {"5-project/training": "the models are judged, not trained"},
    ),
    Stop("6-marketing/ab-tests"),
    Stop("6-marketing/clicks", without=ODDS),
    *whole("6-marketing/conversions", "6-marketing/positions", "6-marketing/auctions"),
    *whole("6-marketing/pacing", "6-marketing/frequency", "6-marketing/experiments"),
    *whole("6-marketing/programme", "6-marketing/bandits", "6-marketing/off-policy"),
    *whole("6-marketing/observational", "6-marketing/natural-experiments"),
    Stop("6-marketing/uplift"),
    Stop("6-marketing/customers", without=LIFETIMES),
    *whole("6-marketing/attribution", "6-marketing/mix", "6-marketing/responsible"),
    *whole("6-marketing/campaign", "7-outlook/applications"),
    Stop("7-outlook/tools-and-resources"),
    *whole("8-own-numbers/what-to-show", "8-own-numbers/customer-value"),
    *whole("8-own-numbers/whom-to-write-to", "8-own-numbers/did-it-work"),
    Stop("8-own-numbers/which-banner"),
)
TERM = whole(
    *("1-concepts/background", "1-concepts/concepts", "1-concepts/data"),
    *("1-concepts/evaluation", "2-neighbours/similarity", "2-neighbours/user-cf"),
    *("2-neighbours/item-cf", "3-factorization/matrix-factorization"),
    *("3-factorization/biases-and-svdpp", "3-factorization/als"),
    *("3-factorization/ranking", "3-factorization/linear"),
    *("4-deep/embeddings-and-fm", "4-deep/attention", "4-deep/sequential"),
    *("4-deep/multi-behaviour-and-context", "5-project/data", "5-project/model"),
    *("5-project/training", "5-project/evaluation", "5-project/recommending"),
    *("5-project/serving", "5-project/scale-out", "6-marketing/clicks"),
    *("6-marketing/candidates", "7-outlook/tools-and-resources"),
)
PATHS = {
    path.name: path
    for path in (
        Path("hour", "An hour", whole("1-concepts/background")),
        Path("no-code", "Without code", NO_CODE),
        Path("half-day", "Half a day", HALF_DAY),
        Path("ten", "Ten chapters", TEN),
        Path("month", "A month", MONTH),
        Path("term", "A term", TERM),
        Path("whole", "The whole book"),
    )
}


# -- facts from the pages ------------------------------------------------------------


def sections(doctree):
    """Return {id: (title, minutes)} of a page's sections, top and box."""
    found, box = {}, None
    for note in doctree.findall(nodes.Admonition):
        if is_box(note):
            box = note
            note["ids"] = [BOX]  # for a link to it
            found[BOX] = note[0].astext(), minutes.weight(note)
    for section in doctree.findall(nodes.section):
        taken = minutes.weight(section)
        if box and section in ancestors(box):
            taken -= found[BOX][1]
        found[section["ids"][0]] = section[0].astext(), taken
        if isinstance(section.parent, nodes.document):
            inner = [s for s in section.children if isinstance(s, nodes.section)]
            above = minutes.weight(section) - sum(map(minutes.weight, inner))
            found.setdefault("", (section[0].astext(), above))
    return found


def is_box(note):
    """Whether an admonition is the box *In marketing terms*, in either language."""
    return bool(note.children) and note[0].astext() in (BOX_TITLE, said(BOX_TITLE))


def ancestors(node):
    while node := node.parent:
        yield node


def stops_of(env, path):
    """Return the stops of a path that are built."""
    if not path.stops:
        return [Stop(page.removeprefix("chapters/")) for page in pages_of_parts(env)]
    return [stop for stop in path.stops if stop.docname in env.recbook_minutes]


@functools.cache
def pages_of_parts(env):
    """Return every page of the numbered parts, doors and questions too."""
    trees = env.get_doctree(env.config.root_doc).findall(addnodes.toctree)
    pages = [page for tree in trees for _, page in tree["entries"]]
    return [page for page in pages if part_of(page)]


def taken(env, stop):
    """Return the minutes to read a stop, in steps of five."""
    if not stop.read:
        return env.recbook_minutes[stop.docname].read
    there = env.recbook_sections[stop.docname]
    for id in stop.read:
        if id not in there:
            raise SphinxError(f"paths.py: {stop.page} has no section {id}")
    return minutes.to_five(sum(there[id][1] for id in ("", *stop.read)))


def cost(env, path):
    """Return what a path takes: "6¼ h to read". Of whole pages, exercises too."""
    stops = stops_of(env, path)
    read = hours(env, path)
    if any(stop.read for stop in stops):
        return said("{hours} to read", hours=read)
    work = sum(env.recbook_minutes[stop.docname].work for stop in stops)
    work = minutes.as_hours(work)
    return said("{hours} to read, {work} with the exercises", hours=read, work=work)


def hours(env, path):
    """Return how long a path takes to read, "6¼ h"."""
    return quarters(sum(taken(env, stop) for stop in stops_of(env, path)))


def quarters(minutes_taken):
    """Write minutes as quarters of an hour, "6¼ h", or less than an hour as "40 min".

    >>> quarters(25), quarters(60), quarters(370), quarters(406)
    ('25 min', '1 h', '6¼ h', '6¾ h')
    """
    if minutes_taken < 60:
        return said("{n} min", n=minutes_taken)
    hours, rest = divmod(round(minutes_taken / 15), 4)
    return said("{n} h", n=f"{hours}{['', '¼', '½', '¾'][rest]}")


def name_of(env, stop):
    """Return a stop's number and title."""
    title = env.titles[stop.docname].astext()
    return f"{number_of(env, stop.docname)} {title}".strip()


def data(env):
    """Return what ``path.js`` knows of the paths."""
    return {
        path.name: {
            "title": said(path.title),
            "stops": [
                {
                    "page": stop.docname,
                    "name": name_of(env, stop),
                    "minutes": taken(env, stop),
                    "read": [
                        (id, env.recbook_sections[stop.docname][id][0])
                        for id in stop.read
                    ],
                }
                for stop in stops_of(env, path)
            ],
        }
        for path in PATHS.values()
    }


def write(app, site):
    write_data(site, DATA, "window.recbookPaths({});", data(app.env))


def setup(app):
    page_facts.keep(app, "recbook_sections", sections)
    when_written(app, write)
