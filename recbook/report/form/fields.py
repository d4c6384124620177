"""What a job asks for: its files, and its fields with guesses and choices."""

import inspect
import re
import sys

from recbook import report
from recbook.orders import Orders
from recbook.orders.dates import read
from recbook.report.again import TABLES
from recbook.report.form.headings import guesses, table, words_of
from recbook.report.form.words import HELP, JOB_HELP, LABELS, SLOT_HELP, SLOTS
from recbook.report.options import KINDS, arguments_of, reads_orders, said_of

__all__ = ["default_of", "fields", "kinds", "needed", "readings", "slots"]

KIND_OF = {
    "COLUMN": "column",
    "COLUMN=LABEL": "label",
    "NUMBER": "number",
    "N": "number",
    "NUMBER|COLUMN": "number_or_column",
    "KIND": "choice",
    "SIGN": "choice",
    "FORMAT": "choice",
}
OPTIONAL_FILES = {"recommend": ("names",), "off_policy": ("policy",)}
# Not needed, and still what most readers should look at.
SHOWN = {
    "recommend": "amount quantity order date_format decimal k",
    "customer_value": "amount quantity order date_format decimal weeks margin",
    "targeting": "budget consent decimal",
    "experiment": "before decimal",
    "off_policy": "context policy decimal",
}
IN_PAGE = sys.platform == "emscripten"
PAIRS = 1000  # of which a page makes tables: there an inverse takes ten times as long
KINDS_OF_LISTS = ["discoveries", "repurchases"]
# Labels that mean treated or yes, the surest first, and those that do not.
LABELS_OF = table("""
yes: letter treatment treated test b variant variante exposed mail email yes true ja oui
    y j 1 brief testgruppe versuch behandelt envoi traitement 实验组 是
no: control a none nothing kontrolle kontrollgruppe holdout no false nein non n 0
    contrôle témoin baseline old alt 对照组 否
""")
# Words of a heading by which yes means not treated, or not bought.
CONTROL = re.compile("(control|kontroll|holdout).*|not|nicht|kein|ohne")


def slots(job):
    """Return the files that a job takes.

    >>> [(one["name"], one["needed"]) for one in slots("targeting")]
    [('trial', True), ('everyone', False)]
    """
    told = inspect.getdoc(getattr(report, job))
    names = [*TABLES[job], *OPTIONAL_FILES.get(job, ())]
    return [
        {
            "name": name,
            "label": SLOTS[name],
            "needed": place == 0,
            "help": _sentence(SLOT_HELP.get(name) or said_of(told, name)),
        }
        for place, name in enumerate(names)
    ]


def kinds(job):
    """Return what kind of value each field of a job takes, by name.

    >>> kinds("experiment")["group"], kinds("experiment")["share"]
    ('label', 'number')
    """
    names = [*arguments_of(job)]
    if reads_orders(job):
        names = [*list(inspect.signature(Orders.read).parameters)[1:], *names]
    else:
        names.append("decimal")
    # A file has one separator; another would be another file, with other columns.
    files = {"sep", *TABLES[job], *OPTIONAL_FILES.get(job, ())} - {"policy"}
    return {name: _kind(job, name) for name in names if name not in files}


def _kind(job, name):
    how = KINDS[name]
    if how["metavar"] == "COLUMN" and "nargs" in how:
        return "columns"
    if (job, name) == ("customer_value", "margin"):
        return "number"
    return KIND_OF.get(how["metavar"], "text")


def needed(job):
    """Return the names of the fields without which there is no report.

    >>> needed("recommend"), needed("off_policy")
    (['customer', 'time', 'item'], ['shown', 'chance', 'reward'])
    """
    if reads_orders(job):
        return ["customer", "time", "item"]
    known = arguments_of(job).items()
    return [name for name, said in known if said.default is said.empty]


def fields(job, files):
    """Return the fields of a job, the needed ones first, with guesses from the files.

    Parameters
    ----------
    job : str
        Its name.
    files : dict of str to Opened
        By slot.
    """
    first = TABLES[job][0]
    facts = files[first].facts if first in files else {}
    menus = {"column", "label", "columns"}
    of_columns = [name for name, kind in kinds(job).items()
                  if kind in menus and name != "features"]  # fmt: skip
    guessed = guesses(of_columns, list(facts.values()))
    if "consent" in guessed and "everyone" in files:
        guessed["consent"] = guesses(["consent"], files["everyone"].facts.values())[
            "consent"
        ]
    found = [_field(job, name, kind, facts, guessed, files)
             for name, kind in kinds(job).items()]  # fmt: skip
    if "group" in guessed:
        arm = facts.get(guessed["group"])
        many = arm is not None and len(arm.labels) > 2
        control = _plain(job, "control", "text", first)
        choices = list(arm.labels) if arm else []
        control |= {"advanced": not many, "needed": many, "choices": choices}
        found.append(control)
    return sorted(found, key=lambda one: (not one["needed"], one["advanced"]))


def _plain(job, name, kind, slot):
    """Return a field without a guess."""
    function = Orders.read if reads_orders(job) and name not in arguments_of(job) else (
        getattr(report, job))  # fmt: skip
    told = JOB_HELP.get((job, name)) or HELP.get(name)
    told = told or said_of(inspect.getdoc(function), name)
    return {
        "name": name,
        "label": LABELS[name],
        "help": _sentence(told),
        "kind": kind,
        "slot": slot,
        "needed": name in needed(job),
        "value": None,
        "choices": [],
        "advanced": name not in needed(job) and name not in SHOWN[job].split(),
    }


def _field(job, name, kind, facts, guessed, files):
    """Return a field with its choices, and the value that is guessed or the default."""
    field = _plain(job, name, kind, TABLES[job][0])
    column = guessed.get(name)
    if kind in ("column", "columns"):
        field["choices"] = list(facts)
        if name == "features":
            everyone = files.get("everyone")
            field["choices"] = [c for c in facts if not everyone or c in everyone.facts]
        field["value"] = [column] if column and kind == "columns" else column
    elif kind == "label":
        if name == "consent" and "everyone" in files:
            field["slot"], facts = "everyone", files["everyone"].facts
        field["choices"] = {c: labels(one) for c, one in facts.items()}
        field["value"] = [column, label_of(facts[column])] if column else None
    elif kind == "number_or_column":
        both = {**facts, **(files["everyone"].facts if "everyone" in files else {})}
        field["choices"] = [c for c, one in both.items() if one.is_number]
    elif kind == "choice":
        _choose(field, files.get(TABLES[job][0]), guessed)
    if kind in ("number", "number_or_column", "text"):
        field["value"] = default_of(job, name)
    items = facts.get(guessed.get("item"))
    if name == "pairs" and IN_PAGE and items and items.distinct > PAIRS:
        field["value"] = str(PAIRS)
    if name == "policy" and guessed.get("shown"):
        field["choices"] = list(facts[guessed["shown"]].labels)
    return field


def _choose(field, first, guessed):
    """Set the choices of a menu that is no column's, and the one that is found."""
    name = field["name"]
    if name == "kind":
        field |= {"choices": KINDS_OF_LISTS, "value": KINDS_OF_LISTS[0]}
    elif name == "decimal":
        field["choices"] = [".", ","]
        field["value"] = first and first.decimal
        field["needed"] = first is not None and first.decimal is None
    elif name == "date_format" and first is not None:
        all_ = [readings(one) for one in first.facts.values()]
        field["choices"] = list(dict.fromkeys(words for one in all_ for words in one))
        own = list(readings(first.facts.get(guessed.get("time"))))
        field["value"] = own[0] if len(own) == 1 else None
        field["needed"] = len(own) > 1


def said_of_dates(job, opened):
    """Return what becomes of the dates of a file whose columns are features."""
    if job != "targeting":
        return []
    known = opened.facts.values()
    return [f"{one.name!r} holds dates, and each is a label of its own here: the days "
            "since then, as a number, tell more."
            for one in known if one.is_date and not one.is_number]  # fmt: skip


def readings(facts):
    """Return the format of each way to read a column's dates, by words for a menu.

    >>> from recbook.report.form.contents import Facts
    >>> day = Facts("day", 1, 1, 0, "5/1/2026", (), ("%d/%m/%Y", "%m/%d/%Y"))
    >>> readings(day)  # doctest: +NORMALIZE_WHITESPACE
    {'5/1/2026 is 5 January 2026': '%d/%m/%Y', '5/1/2026 is 1 May 2026': '%m/%d/%Y'}
    """
    if facts is None or not facts.is_date or not facts.sample:
        return {}
    found = {}
    for form in facts.formats:
        day = read([facts.sample], form or None)[0].astype("datetime64[D]").item()
        words = f"{facts.sample} is {day.day} {day:%B %Y}"
        found[words] = form
    return found


def labels(facts):
    """Return what a label's menu offers: the labels, or "" for the numbers."""
    numbers = facts.is_number and set(facts.labels) != {"0", "1"}
    return ["", *facts.labels] if numbers else list(facts.labels)


def label_of(facts):
    """Return the label that means treated, bought or yes, "" where none tells."""
    if facts.is_number and set(facts.labels) != {"0", "1"}:
        return ""  # 1 of 0, 1 and 2 orders is no yes
    if any(map(CONTROL.fullmatch, words_of(facts.name))):
        return ""  # yes is the other arm
    names = [label.casefold() for label in facts.labels]
    for known in LABELS_OF["yes"]:
        if known in names:
            return facts.labels[names.index(known)]
    if len(names) == 2:
        no = LABELS_OF["no"]
        others = [label for label in facts.labels if label.casefold() not in no]
        return others[0] if len(others) == 1 else ""
    return ""


def default_of(job, name):
    """Return the default of an argument as text, None where there is none."""
    known = arguments_of(job).get(name)
    if known is None or known.default in (None, known.empty):
        return None
    default = known.default
    whole = isinstance(default, float) and default.is_integer()
    return str(int(default) if whole else default)


def _sentence(words):
    """Return words as a sentence."""
    words = words.rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
