"""A small IPython for a page of the book: it runs a cell and sends what the cell shows.

It runs in the page's worker, inside Pyodide: ``start(send)`` once, then ``run`` for
each cell. ``send(form, text)`` gets "stdout", "stderr", "text", "html", "svg",
"markdown", "clear" and "error". Modules that the page's Python lacks, such as
TensorFlow, can be imported. They say what they need when something of them is used.
"""

import ast
import builtins
import contextlib
import importlib
import io
import linecache
import os
import re
import sys
import tokenize
import traceback
import types
import warnings
from importlib.machinery import PathFinder

import recbook_folds
from recbook_absent import Absent
from recbook_later import Later
from recbook_shows import (
    HTML,
    Drawing,
    Image,
    Markdown,
    Stream,
    close_figures,
    display,
    flush,
    page,
    send,
    show_figures,
)

HOME = "/home/pyodide"
RATINGS = "/book/data/ml-100k"
BACKEND = "module://recbook_canvas"

HAS = "NumPy, SciPy, pandas, Matplotlib and recbook"
NO_NETWORK = "A page loads nothing from elsewhere: make lab"
# What to say about an error that only happens in a browser, by words of its message.
SAYINGS = {
    "'await'": "A page runs one line after the other: there is nothing to await.",
    "start new thread": "A page has no threads: make lab",
    "not support processes": "A page starts no other program: make lab",
    "TLS not supported": NO_NETWORK,
}
LINES = ("<cell ", "<hidden cell ")  # begin the file names of the reader's own lines

space = {"__name__": "__main__", "__builtins__": builtins}
shadows = set()  # names of built-ins that the reader has used for something else


def start(sender, home=HOME):
    """Prepare Python, once, before the first cell; ``sender`` sends to the page."""
    page["send"] = sender
    os.environ |= {"RECBOOK_OFFLINE": "1", "RECBOOK_SITE": "1", "MPLBACKEND": BACKEND}
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    # A browser starts no thread to watch a progress bar.
    warnings.filterwarnings("ignore", "tqdm:disabling monitor support")
    sys.meta_path.insert(sys.meta_path.index(PathFinder), Later)
    sys.meta_path.append(Absent)
    recbook_folds.on_demand(RATINGS)
    stand_in()


def stand_in():
    """Provide what cells import from IPython, and a glue that leaves the text alone."""
    glue = types.ModuleType("myst_nb")
    glue.glue = lambda name, value, display=True: None
    shell = types.ModuleType("IPython")
    # Libraries ask whether they run in a notebook, and in which version.
    shell.get_ipython, shell.version_info = lambda: None, (9, 0)
    shell.display = forms = types.ModuleType("IPython.display")
    forms.display, forms.clear_output = display, lambda wait=False: send("clear", "")
    forms.HTML, forms.SVG, forms.Markdown, forms.Image = HTML, Drawing, Markdown, Image
    sys.modules |= {"myst_nb": glue, "IPython": shell, "IPython.display": forms}
    builtins.display, space["get_ipython"] = display, Shell
    builtins.input = ask


def ask(prompt=""):
    """Replace ``input``."""
    raise NotImplementedError("a page cannot ask: write the value into the code")


class Shell:
    """The commands of IPython that a reader may type; ``get_ipython`` returns it."""

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
    """Return the source with IPython's commands written as calls.

    >>> translated("%timeit f(2)")
    "get_ipython().run_line_magic('timeit', 'f(2)')"
    >>> translated("x = 1 %\\\\\\n  2")
    'x = 1 %\\\\\\n  2'
    >>> translated("np.mean??")
    'help(np.mean)'
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
        elif match := re.fullmatch(r"(?=.*\?)\?{0,2}([\w.]+)\?{0,2}\s*", line):
            lines[at] = f"help({match[1]})"
    return "\n".join(lines)


def run(source, name, quiet=False, edited=False, number=0):
    """Run a cell; return what the page has to know about it, as a dictionary.

    A quiet cell runs because another cell needs it: only its exception is shown.
    ``edited`` says that the code is the reader's, and ``number`` is the reader's, which
    ``recbook.check`` takes. The dictionary has ``fine``, whether
    the cell ended without an exception, ``lacks``, a name that it used and that is not
    defined, and ``checked``, {id: is the answer right}. For the reader's code it also
    has ``binds``, the names that the cell defined, and ``touches``, the names whose
    values it may have changed.
    """
    file = f"<{name}>"
    page["quiet"] = quiet
    os.environ["RECBOOK_NUMBER"] = str(number)
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    for stream in (sys.stdout, sys.stderr):
        stream.told = 0
    told = {"fine": False, "lacks": None}
    checked()  # what other cells asked for
    before = dict(space) if edited else {}
    aside = {} if edited else {n: space.pop(n) for n in shadows & space.keys()}
    try:
        evaluate(translated(source), file)
        if not quiet:
            show_figures()
        told["fine"] = True
    except BaseException as error:
        flush()
        send("error", explained(error))
        if type(error) is NameError:
            told["lacks"] = error.name
    finally:
        flush()
        close_figures()
        space.update(aside | space)
    told["checked"] = checked()
    return told | (done_by(source, before) if edited else {})


def call(module, name, sender, args):
    """Call a function of a module; return its value, or the error in one line.

    It gets ``sender``, which tells the page ``(share, words)`` of progress, before the
    arguments. What it prints is nobody's.
    """
    said = io.StringIO()
    try:
        function = getattr(importlib.import_module(module), name)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return {"value": function(sender, *args.to_py())}
    except Exception as error:
        return {"error": traceback.format_exception_only(error)[-1].strip()}


def checked():
    """Return {id: is it right} of the answers that were checked since the last call."""
    registry = sys.modules.get("recbook.checks.registry")
    verdicts = dict(registry.VERDICTS) if registry else {}
    if registry:
        registry.VERDICTS.clear()
    return verdicts


def done_by(source, before):
    """Return what the reader's code did to names; ``before`` are the earlier values."""
    from recbook.mark.slices import names_of

    binds = {n for n, value in space.items() if value is not before.get(n, shadows)}
    shadows.update(binds & vars(builtins).keys())
    modules = {n for n, value in space.items() if isinstance(value, types.ModuleType)}
    try:
        touches = names_of(source).touches & space.keys() - modules
    except (SyntaxError, RecursionError):  # an error that only the compiler finds
        touches = set()
    return {"binds": sorted(binds), "touches": sorted(touches)}


def evaluate(source, file):
    tree = ast.parse(source, file)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, file, "exec"), space)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), file, "eval"), space)
        space["_"] = value
        marked = isinstance(value, bool) and ".check(" in source  # it printed its line
        if not (value is None or marked or page["quiet"] or is_silenced(source)):
            display(value)


def is_silenced(source):
    """Whether a cell ends with a semicolon.

    >>> is_silenced("f(x);  # no"), is_silenced("x = 1; f(x)"), is_silenced("';'")
    (True, False, False)
    """
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    passed = (tokenize.COMMENT, tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)
    said = [token for token in tokens if token.type not in passed]
    return bool(said) and said[-1].string == ";"


def explained(error):
    """Return a traceback of the reader's own lines, and advice where there is some."""
    if isinstance(error, ImportError) and str(error).startswith("needs "):
        return f"This cell {error}"
    told = traceback.TracebackException.from_exception(error)
    cut(told)
    return "".join([*told.format(), *way_out(error)])


def cut(told):
    """Remove all but the reader's lines from a traceback and those of its causes."""
    told.stack[:] = [line for line in told.stack if line.filename.startswith(LINES)]
    for one in told.exceptions or ():
        cut(one)
    for way in ("__cause__", "__context__"):
        earlier = getattr(told, way)
        if earlier:
            cut(earlier)
            if not earlier.stack:
                setattr(told, way, None)


def way_out(error):
    """Yield a line of advice about an error that happens because this is a page."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        first = error.name.partition(".")[0]
        if first in ("matplotlib", "numpy", "pandas", "scipy"):
            yield f"A page has not all of {first}. For more: make lab"
        elif first != "recbook":
            yield f"A page has {HAS}. For more: make lab"
    elif isinstance(error, MemoryError):
        yield "What Python has taken it keeps: Restart gives all of it back."
    elif type(error).__module__ in ("http.client", "urllib.error"):
        yield NO_NETWORK
    elif isinstance(error, SyntaxError | RuntimeError | OSError):
        yield from (way for words, way in SAYINGS.items() if words in str(error))
