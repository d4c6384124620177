"""A small IPython for a page of the book: it runs a cell and tells what that shows.

It lives in the page's worker, inside Pyodide: ``start(send)`` once, then ``run`` for
each cell. ``send(form, text)`` gets "stdout", "stderr", "text", "html", "svg",
"markdown", "clear" and "error". What the page's Python has not, such as TensorFlow, is
stood for by modules that can be imported, and say what they need when they are used.
"""

import ast
import base64
import builtins
import importlib.machinery
import importlib.util
import io
import linecache
import os
import pprint
import re
import sys
import time
import tokenize
import traceback
import types
import warnings
from pathlib import Path

HOME = "/home/pyodide"
NEEDS = "needs {}: make lab"
# What a page's Python has not, by the first word of its name.
ABSENT = {
    **dict.fromkeys(("tensorflow", "keras", "tensorboard"), "TensorFlow"),
    "faiss": "FAISS",
    "pyspark": "Spark",
    **dict.fromkeys(("fastapi", "httpx", "starlette", "uvicorn"), "a server"),
}
MOST = 200_000  # letters that a cell may print: a page is no place for more
PAUSE = 0.05  # seconds between two messages of what is printed
SVG = re.compile(r'<svg\b[^>]*role="img".*?</svg>', re.DOTALL)

space = {"__name__": "__main__", "__builtins__": builtins}
drawn = iter(range(1, 10**9))  # numbers of figures, for their ids
page = {"send": print, "quiet": False}


def send(form, text):
    if form == "error" or not page["quiet"]:
        page["send"](form, text)


def start(sender, home=HOME):
    """Make ready, once, before the first cell; ``sender`` tells the page."""
    page["send"] = sender
    os.environ |= {"RECBOOK_OFFLINE": "1", "RECBOOK_SITE": "1", "MPLBACKEND": "svg"}
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    # A browser starts no thread to watch a bar.
    warnings.filterwarnings("ignore", "tqdm:disabling monitor support")
    sys.meta_path.insert(0, Later)
    sys.meta_path.append(Absent)
    stand_in()


def stand_in():
    """Put in what cells take from IPython, and the glue: the text stays as printed."""
    glue = types.ModuleType("myst_nb")
    glue.glue = lambda name, value, display=True: None
    shell = types.ModuleType("IPython")
    # Libraries ask whether they are in a notebook, and how old it is.
    shell.get_ipython, shell.version_info = lambda: None, (9, 0)
    shell.display = forms = types.ModuleType("IPython.display")
    forms.display, forms.clear_output = display, lambda wait=False: send("clear", "")
    forms.HTML, forms.SVG, forms.Markdown, forms.Image = HTML, Drawing, Markdown, Image
    sys.modules |= {"myst_nb": glue, "IPython": shell, "IPython.display": forms}
    builtins.display, space["get_ipython"] = display, Shell


class Stream(io.TextIOBase):
    """Where a cell prints to. Its text is told in pieces, at least PAUSE apart."""

    def __init__(self, name):
        self.name, self.kept, self.told, self.last = name, [], 0, 0.0

    def writable(self):
        return True

    def write(self, text):
        if self.told <= MOST:
            room = MOST - self.told
            self.told += len(text)
            whole = len(text) <= room
            self.kept.append(text if whole else text[:room] + "\n… and more\n")
            if "\n" in text and time.monotonic() - self.last > PAUSE:
                self.flush()
        return len(text)

    def flush(self):
        text = "".join(self.kept)
        self.kept.clear()
        if text:
            self.last = time.monotonic()
            send(self.name, text)


class Later(importlib.machinery.PathFinder):
    """pandas takes seconds to import: that waits until something of it is used."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        spec = super().find_spec(name, path, target) if name == "pandas" else None
        if spec is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


class Absent:
    """The last finder: a module that is not there can be imported all the same."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, Absent, is_package=True)

    @staticmethod
    def create_module(spec):
        """Let Python create the module."""

    @staticmethod
    def exec_module(module):
        what = ABSENT[module.__name__.partition(".")[0]]

        def part(name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Part(what)

        module.__getattr__ = part


class Part:
    """A part of an absent module. It may be named; what uses it is told what it needs.

    >>> Part("TensorFlow").layers.Dense(4)
    Traceback (most recent call last):
    ImportError: needs TensorFlow: make lab
    """

    def __init__(self, what):
        self.what = what

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Part(self.what)

    def __call__(self, *args, **settings):
        raise ImportError(NEEDS.format(self.what))

    def __mro_entries__(self, bases):
        raise ImportError(NEEDS.format(self.what))

    def __instancecheck__(self, value):
        return False


class Shell:
    """The commands of IPython that a reader may type. ``get_ipython`` in a cell."""

    @staticmethod
    def run_line_magic(name, line):
        if name in ("time", "timeit"):
            once = name == "time"
            import timeit

            timer = timeit.Timer(line, globals=space)
            n, total = (1, timer.timeit(1)) if once else timer.autorange()
            return print(f"{total / n:.3g} s" + f" each of {n} times" * (not once))
        if name != "matplotlib":
            raise NotImplementedError(f"a page has no %{name}: make lab")

    @staticmethod
    def system(line):
        raise NotImplementedError("a page has no shell: make lab")


def translated(source):
    """Write IPython's commands as calls.

    >>> translated("%timeit f(2)")
    "get_ipython().run_line_magic('timeit', 'f(2)')"
    >>> translated("x = 1 %\\\\\\n  2")
    'x = 1 %\\\\\\n  2'
    """
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        pass
    lines = source.split("\n")
    for at, line in enumerate(lines):
        if line.startswith("!"):
            lines[at] = f"get_ipython().system({line[1:]!r})"
        elif match := re.match(r"%%?(\w+) ?(.*)", line):
            lines[at] = f"get_ipython().run_line_magic{match.groups()!r}"
    return "\n".join(lines)


def run(source, name, quiet=False):
    """Run a cell; True where it ended without an exception.

    Of a quiet one, which only another cell needs, nothing is told but its exception.
    """
    file = f"<{name}>"
    page["quiet"] = quiet
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    for stream in (sys.stdout, sys.stderr):
        stream.told = 0
    try:
        evaluate(translated(source), file)
        if not quiet:
            show_figures()
        return True
    except BaseException as error:
        flush()
        send("error", explained(error))
        return False
    finally:
        flush()
        close_figures()


def flush():
    sys.stdout.flush()
    sys.stderr.flush()


def evaluate(source, file):
    tree = ast.parse(source, file)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, file, "exec"), space)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), file, "eval"), space)
        space["_"] = value
        marked = isinstance(value, bool) and ".check(" in source  # it has said its line
        if not (value is None or marked or page["quiet"] or is_silenced(source)):
            display(value)


def is_silenced(source):
    """Whether a cell ends in a semicolon.

    >>> is_silenced("f(x);  # no"), is_silenced("x = 1; f(x)"), is_silenced("';'")
    (True, False, False)
    """
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    passed = (tokenize.COMMENT, tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)
    said = [token for token in tokens if token.type not in passed]
    return bool(said) and said[-1].string == ";"


def explained(error):
    """A traceback from the reader's own line on, without the frames of this file."""
    frames = error.__traceback__
    while frames and not frames.tb_frame.f_code.co_filename.startswith("<"):
        frames = frames.tb_next
    if isinstance(error, ImportError) and str(error).startswith("needs "):
        return f"This cell {error}"
    return "".join(traceback.format_exception(type(error), error, frames))


def display(*values, **_):
    """Show values as IPython would: each in the richest form that a page can hold."""
    for value in values:
        flush()
        for form in ("html", "svg", "markdown"):
            made = represented(value, form)
            if made is not None:
                send(form, in_page(made) if form in ("html", "svg") else made)
                break
        else:
            figure = getattr(value, "savefig", None)
            if figure is None or isinstance(value, type):
                send("text", pretty(value))
            else:
                send("svg", picture(value))


def represented(value, form):
    make = getattr(value, f"_repr_{form}_", None)
    return None if make is None or isinstance(value, type) else make()


def pretty(value):
    """The words of a value, long lists and tables of names over several lines.

    >>> print(pretty({"b": list(range(30)), "a": "x"}).count("\\n"), pretty("a'b"))
    30 "a'b"
    """
    if type(value) in (list, tuple, dict, set, frozenset):
        return pprint.pformat(value, width=80, sort_dicts=False)
    return repr(value)


def in_page(html):
    """Draw the figures that are in HTML in the page's own type and colours."""
    return SVG.sub(lambda match: inlined(match[0]), html)


def inlined(svg):
    """An SVG as a part of the page, if ``_ext/inline_svg.py`` is there, or as it is."""
    try:
        from inline_svg import inline
    except ImportError:
        return svg
    alt = re.search(r'aria-label="([^"]*)"', svg)
    return inline(svg, alt[1] if alt else "", f"live-{next(drawn)}")


def picture(figure):
    """A figure as the book's notebooks draw it."""
    file, settings = io.StringIO(), {"metadata": {"Date": None}}
    if "recbook.plots.style" in sys.modules:
        settings = sys.modules["recbook.plots.style"].inline_settings()
    figure.savefig(file, format="svg", **settings)
    return inlined(file.getvalue())


def show_figures():
    """Show the figures that the cell left open, as a notebook does."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        flush()
        send("svg", picture(pyplot.figure(number)))


def close_figures():
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


class Form:
    """What is shown in one form, given as text or, by ``filename``, as a file."""

    form = "html"

    def __init__(self, data=None, filename=None, **_):
        self.data = Path(filename).read_text() if filename else data

    def __getattr__(self, name):
        if name != f"_repr_{self.form}_":
            raise AttributeError(name)
        return lambda: self.data


class HTML(Form):
    """Shown as it is."""


class Drawing(Form):
    """IPython's ``SVG``."""

    form = "svg"


class Markdown(Form):
    """Shown as its text."""

    form = "markdown"


class Image(Form):
    """A picture of pixels."""

    def __init__(self, data=None, filename=None, **_):
        data = Path(filename).read_bytes() if filename else data
        text = base64.b64encode(data).decode()
        super().__init__(f'<img alt="" src="data:image/png;base64,{text}">')
