"""How Sphinx builds the book, with MyST-NB and the book theme.

The settings stand in ``_config.yml``, where Jupyter Book 1 looks for them, so that its
command builds the book, too, with its own scripts, which name another host, and from an
empty cache. Here stands what it adds to them. So no code of Jupyter Book runs when we
build, and on the day it leaves the lock the settings move here.
"""

import os
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent
book = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
own = book["sphinx"]
sys.path += [str(ROOT / folder) for folder in own["local_extensions"].values()]

html_title, author, copyright = book["title"], book["author"], book["copyright"]
extensions = ["sphinx_togglebutton", "sphinx_copybutton", "myst_nb"]
extensions += ["sphinx_external_toc", "sphinx_design", "sphinx_book_theme"]
extensions += [*own["extra_extensions"], *own["local_extensions"]]
extensions += ["sphinxcontrib.bibtex"]
exclude_patterns = book["exclude_patterns"]
suppress_warnings = ["myst.domains"]
nitpicky = True

external_toc_path = str(ROOT / "_toc.yml")
external_toc_exclude_missing = False
use_multitoc_numbering = book["html"]["use_multitoc_numbering"]
bibtex_bibfiles = book["bibtex_bibfiles"]
myst_enable_extensions = book["parse"]["myst_enable_extensions"]
myst_url_schemes = ["mailto", "http", "https"]
nb_execution_mode = book["execute"]["execute_notebooks"]
nb_execution_cache_path = str(ROOT / "_build" / ".jupyter_cache")
nb_execution_timeout = book["execute"]["timeout"]
nb_execution_allow_errors = book["execute"]["allow_errors"]
nb_output_stderr = book["execute"]["stderr_output"]

html_theme, pygments_style = "sphinx_book_theme", "sphinx"
html_logo, html_favicon = book["logo"], book["html"]["favicon"]
html_sourcelink_suffix = ""

# The address at which the site is published: notebooks that leave it name it.
html_baseurl = os.environ.get("RECBOOK_ADDRESS", "")
globals().update(own["config"])
theme = own["config"]["html_theme_options"]
html_theme_options = theme | {"home_page_in_toc": book["html"]["home_page_in_navbar"]}

# An edition in another language: its pages are built after ours, and from ours.
if edition := os.environ.get("RECBOOK_EDITION"):
    its = yaml.safe_load((ROOT / edition / "settings.yml").read_text(encoding="utf-8"))
    html_theme_options |= its.pop("html_theme_options")
    globals().update(its)
recbook_editions = os.environ.get("RECBOOK_EDITIONS", "").split()  # beside the English
