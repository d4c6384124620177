"""List the licences of the files by others that we publish, with their texts.

``licences/parts.toml`` names the parts of others in the site and in the packs of
``live/build.py``, and which files hold them. From it, from what the packages say of
themselves and from the texts beside it ``LICENSES.txt`` is written twice: into
``_static/`` for the pages, and into ``_static/live/`` for the Python that runs in them.
Each list names what is really there. A test fails for a file that is not ours and that
no part claims.
"""

import functools
import re
import tomllib
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent / "licences"
NAME = "LICENSES.txt"
PURELIB = "/lib/python3.14/site-packages/"
TEXT = re.compile(
    r"(^|[/_])(licen[cs]e|copying|notice)[^/]*(?<!\.pyc)(?<!\.py)$"
    r"|(^|\.dist-info/)licenses/",
    re.IGNORECASE,
)
INFO = re.compile(rf"{PURELIB}([\w.]+)-[\w.]+\.dist-info/(.*)")
# Folders and modules that are not called as their package.
PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "dateutil": "python_dateutil",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "scipy.libs": "scipy",
}
# What the build itself writes into _static/: lists of our own words.
MADE = re.compile(r"(?:search|path)-data\.js|words\.js|previews\.js|LICENSES\.txt")
RULE = "\n" + "-" * 78 + "\n\n"
SITE = """The licences of what the pages of this site are made of
=======================================================

{own}
The package recbook, the file *.whl beside the pages, is ours. It has its licences in
it, that of its fonts among them.

What runs in the pages, Python and its libraries, has a list of its own where it was
built: live/LICENSES.txt. Below stand the parts by others, each with its licence; the
texts that several of them share are at the end.
"""
PACKS = """The licences of the Python that runs in the pages, and of its libraries
=======================================================================

These are the packs core, library and book, as they lie beside this file. Their binary
parts are Pyodide's own, by the sums that Pyodide publishes. Pyodide is under the
Mozilla Public License 2.0: its source is at https://github.com/pyodide/pyodide, in the
version named below, and the recipes by which its libraries were built are at
https://github.com/pyodide/pyodide-recipes. recbook itself, in the pack book, is ours:

{own}
Below stand the parts by others, each with its licence; the texts that several of them
share are at the end. The packages' own texts also lie in the packs.
"""


@functools.cache
def parts(kind):
    """Return the parts by others in "site", "core", "library" or "book"."""
    return tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))[kind]


def stands_on():
    """Return the texts that the lists depend on, beside the published files."""
    files = [Path(__file__), ROOT / "LICENSE", *sorted(HERE.iterdir())]
    return [path.read_text(encoding="utf-8") for path in files]


def claims(kind, path):
    """Return the parts by others that a file belongs to."""
    return [part for part in parts(kind) if re.match(part["files"], path)]


def is_ours(path):
    """Return whether a file below ``_static/`` is the book's own."""
    if path.startswith("fonts/") or MADE.fullmatch(path):
        return not path.startswith("fonts/")
    return (ROOT / "chapters" / "_static" / path).is_file()


def name_of(part):
    """Return the name of a part, and the version of a package."""
    if "package" in part:
        package = metadata.distribution(part["package"])
        return f"{package.metadata['Name']} {package.version}"
    return part["name"]


def texts_of(name):
    """Return the licence texts that an installed package brings, by their names."""
    files = metadata.distribution(name).files or ()
    found = {f.name: f.locate() for f in files if ".dist-info/" in str(f)}
    found = {n: path for n, path in found.items() if TEXT.search(str(path))}
    return {n: path.read_text(encoding="utf-8") for n, path in sorted(found.items())}


def shared(part):
    """Return the names of the texts beside the table that a part's licence needs."""
    words = re.split(r" (?:AND|OR|WITH) ", part.get("licence", ""))
    return [word for word in words if (HERE / f"{word}.txt").exists()]


def section(part):
    """Return the text on a part: its name, its owner, its licence, its source."""
    if "package" in part:
        return "\n".join([name_of(part), "", *texts_of(part["package"]).values()])
    lines = [name_of(part), "", f"Copyright (c) {part['copyright']}"]
    return "\n".join([*lines, f"Licence: {part['licence']}", f"From: {part['source']}"])


def document(head, found, *more):
    """Return a list: a section for each part, then the texts that the parts share."""
    names = sorted({name for part in found for name in shared(part)})
    ends = [f"{n}\n\n{(HERE / f'{n}.txt').read_text(encoding='utf-8')}" for n in names]
    own = (ROOT / "LICENSE").read_text(encoding="utf-8")
    chapters = [*map(section, found), *more, *ends]
    return RULE.join([head.format(own=own), *(c.strip() + "\n" for c in chapters)])


# The pages ----------------------------------------------------------------------------


def write(html):
    """Write the list of the parts that have a file among those of the pages."""
    static = html / "_static"
    files = [path.relative_to(static).as_posix() for path in static.rglob("*")]
    found = [p for p in parts("site") if any(re.match(p["files"], f) for f in files)]
    (static / NAME).write_text(document(SITE, found), encoding="utf-8")


def unknown_in_site(html):
    """Return the files in ``_static/`` that are neither ours nor of a known part."""
    static = html / "_static"
    files = [p.relative_to(static).as_posix() for p in static.rglob("*") if p.is_file()]
    files = [f for f in files if not f.startswith("live/")]
    return sorted(f for f in files if not (is_ours(f) or claims("site", f)))


# The packs ----------------------------------------------------------------------------


def packages(files):
    """Return the packages in the packs: {name: {path in its .dist-info: text}}."""
    found = {}
    for path, content in files.items():
        if match := INFO.fullmatch(path):
            texts = found.setdefault(match[1].lower(), {})
            texts[match[2]] = content.decode("utf-8", errors="replace")
    return found


def package_of(path):
    """Return the package that a file of the libraries belongs to, by its folder."""
    first = path.removeprefix(PURELIB).split("/")[0]
    first = re.sub(r"(-[\w.]+)?\.dist-info$|\.pyc?$", "", first)
    return PACKAGES.get(first, first).lower()


def of_packs(files):
    """Return the list of what the packs hold. ``files`` has their bytes by path."""
    found = [p for p in parts("core") if any(re.match(p["files"], f) for f in files)]
    inside = [f.removeprefix(PURELIB) for f in files if f.startswith(PURELIB)]
    found += [
        p for p in parts("library") if any(re.match(p["files"], f) for f in inside)
    ]
    found += [p for p in parts("book") if any(re.match(p["files"], f) for f in files)]
    more = []
    for _, texts in sorted(packages(files).items()):
        about = HeaderParser().parsestr(texts["METADATA"])
        own = [text for name, text in sorted(texts.items()) if TEXT.search(name)]
        more.append("\n\n".join([f"{about['Name']} {about['Version']}", *own]))
    for path, content in sorted(files.items()):  # of a part of a package
        if path.startswith(PURELIB) and TEXT.search(path) and not INFO.match(path):
            text = content.decode("utf-8", errors="replace")
            more.append(f"{path.removeprefix(PURELIB)}\n\n{text}")
    return document(PACKS, found, *more)


def unknown_in_packs(files):
    """Return the packed files that are neither ours nor of a known part or package."""
    known = {
        name
        for name, texts in packages(files).items()
        if "METADATA" in texts and any(TEXT.search(inside) for inside in texts)
    }
    wrong = []
    for path in files:
        if path.startswith(PURELIB):
            fine = package_of(path) in known
        else:  # of recbook's own only what somebody compiled or drew is by others
            drawn = path.endswith((".so", ".ttf", ".woff", ".woff2"))
            own = path.startswith(("/book/", "unpack.py")) and not drawn
            fine = own or claims("core", path) or claims("book", path)
        wrong += [] if fine else [path]
    return sorted(wrong)
