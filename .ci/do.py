"""Do what the book offers, on any machine.

Usage: py .ci/do.py COMMAND [NAME=VALUE …] on Windows, `make COMMAND` elsewhere

The Makefile calls this file for each of its targets. It needs the standard library
alone, since it makes the environment that all else runs in, and it is written in syntax
that an old Python can read, so that it can say which Python it wants.
"""

import os
import shutil
import sys

import environment
import settings

ROOT = environment.ROOT
DEFAULTS = {
    "PORT": "8000",
    "SESSION": "",
    "NUMBERS": "",
    "PART": "",
    "SOLUTIONS": "yes",
    "LANGUAGE": "",
    "RELEASE": "no",
}
SITE = ("tests/book", "tests/page_python", "tests/app/test_page.py")
SITE += ("tests/report/test_browser.py", "tests/grade/test_browser.py")
BUILT = ("_build", ".pytest_cache", ".ruff_cache", ".hypothesis", "dist")
SPARK = ("tests/test_spark.py", "chapters/5-project/scale-out.ipynb")


def setting(name):
    return os.environ.get(name) or DEFAULTS[name]


def python(*arguments, **where):
    """Run the Python of an environment; end as it ends, if it fails."""
    command = [environment.python_of(os.path.join(ROOT, where.get("env", ".venv")))]
    status = environment.watched(command + list(arguments))
    if status:
        sys.exit(status)


def tests(*arguments):
    python("-m", "pytest", "-q", *arguments)


def venv():
    """make or refresh .venv from requirements.lock (every command does this first)"""
    locked(".venv", "requirements.lock")


def locked(folder, lock):
    lock = os.path.join(ROOT, *lock.split("/"))
    environment.main(os.path.join(ROOT, folder), lock)


def book():
    """execute the notebooks and build the course (SOLUTIONS=no, LANGUAGE=zh: too)"""
    venv()
    python(".ci/book.py")


def test():
    """unit, property, contract, doctest, architecture, hygiene and notebook tests"""
    venv()
    python(".ci/warm.py")
    tests("-n", "2", "--dist", "loadscope", "tests", "recbook")
    python(".ci/zh.py", "stale")


def zh():
    """hold the Chinese words against the English (RELEASE=yes: stale ones fail)"""
    venv()
    release = ["--release"] if setting("RELEASE") == "yes" else []
    python(".ci/zh.py", "check", *release)


def clock():
    """build, and hold it to its memory and each page to its processor seconds"""
    venv()
    python(".ci/memory.py")
    python(".ci/clock.py")
    tests("-m", "clock", "tests/book/test_clock.py")


def lint():
    """ruff: lint and format, code and notebooks; mypy: the annotations"""
    venv()
    python("-m", "ruff", "check", ".")
    python("-m", "ruff", "format", "--check", ".")
    python("-m", "mypy", "--cache-dir", "_build/mypy")


def site_test():
    """read every built page in a browser, and run notebooks in Lab"""
    book()
    browser()
    tests("-n", "2", "--dist", "worksteal", "-m", "site", *SITE)


def site_all():
    """the same of all pages, slides and cells, not of each kind (nightly, an hour)"""
    os.environ["RECBOOK_ALL_PAGES"] = "1"
    os.environ["SOLUTIONS"] = "no"
    site_test()


def sheets():
    """print sheets and slides of all sessions (SESSION=7 NUMBERS=1-30: of a class)"""
    book()
    browser()
    python(".ci/sheets.py", setting("SESSION"), setting("NUMBERS"))


def pdf():
    """print the book for a tablet, a file for each part and one of all (PART=6)"""
    book()
    browser()
    python(".ci/pdf.py", setting("PART"))


def browser():
    python(".ci/browsing.py")


def bench():
    """measure beside the peers, in an environment of their own (minutes)"""
    venv()
    locked(".venv-bench", "tests/benchmarks/requirements.lock")
    python("-m", "tests.benchmarks", env=".venv-bench")


def spark():
    """run the Spark tests and page 5.7 with Spark and its own Java (minutes)"""
    locked(".venv-spark", "tests/benchmarks/spark.lock")
    options = ("-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env")
    python(*(options + SPARK), env=".venv-spark")
    python("-m", "recbook.spark", "stars", env=".venv-spark")


def app():
    """start the film recommender's service at a loopback address (PORT=8000)"""
    venv()
    python("-m", "recbook.app", "--port", setting("PORT"))


def serve():
    """read the built course at a loopback address (PORT=8000, SOLUTIONS=no)"""
    book()
    site = "html" if setting("SOLUTIONS") == "yes" else "students"
    python(".ci/serve.py", setting("PORT"), os.path.join("_build", site))


def lab():
    """work on your own copy of the notebooks, in my/, in JupyterLab (LANGUAGE=zh)"""
    book()
    python(".ci/lab.py")


def mutants():
    """break the package on purpose, and count what tests and chapters notice"""
    venv()
    python("tests/house/mutate.py")
    python("tests/house/mutate_book.py")


def clean():
    """remove what was built; the environment stays"""
    for name in BUILT:
        shutil.rmtree(os.path.join(ROOT, name), ignore_errors=True)
    for top in ("recbook", "tests", "chapters"):
        for folder, inside, _ in os.walk(os.path.join(ROOT, top)):
            if "__pycache__" in inside:
                inside.remove("__pycache__")
                shutil.rmtree(os.path.join(folder, "__pycache__"), ignore_errors=True)


def show_help():
    """list the commands (the default)"""
    for name, command in COMMANDS.items():
        print("  %-*s  %s" % (len(called("site-test")), called(name), command.__doc__))


def called(name):
    return "make " + name if "MAKELEVEL" in os.environ else settings.call(name)


def choose_language(name):
    """Build the edition of a language beside the English one, and none by accident.

    Many a shell has LANGUAGE, a list such as de_DE:de, for its programs' messages.
    """
    os.environ.pop("LANGUAGE", None)
    os.environ.pop("RECBOOK_EDITIONS", None)
    if name == "zh":
        os.environ["RECBOOK_EDITIONS"] = name


COMMANDS = {"help": show_help}
for each in (
    *(venv, book, test, zh, clock, lint, site_test, site_all, sheets, pdf, bench),
    *(spark, app, serve, lab, mutants, clean),
):
    COMMANDS[each.__name__.replace("_", "-")] = each


def main(arguments):
    """Do the commands that are named, with the settings that are given."""
    environment.use_a_good_python()
    names = []
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals and name in DEFAULTS:
            os.environ[name] = value
        elif word in ("-h", "--help"):
            names.append("help")
        elif word in COMMANDS:
            names.append(word)
        else:
            environment.stop(
                "there is no command %r: take one of %s; a setting is written like "
                "PORT=8001." % (word, ", ".join(COMMANDS))
            )
    if setting("SOLUTIONS") not in ("yes", "no"):
        environment.stop("SOLUTIONS is yes or no, not %r." % setting("SOLUTIONS"))
    choose_language(setting("LANGUAGE"))
    settings.apply()
    os.chdir(ROOT)
    for name in names or ["help"]:
        COMMANDS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
