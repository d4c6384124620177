"""Remove from the built site what pages load but do not use.

Because of the theme, every page loads all icons of Font Awesome as a script (540 KB
compressed) and the index of the search. MathJax brings a bundle for each of its
outputs, and is loaded by pages whose formulas went into other forms, as on the first
one. A reader with a slow connection waits for each of them. Here the font keeps only
the icons that pages or style sheets use, and the other files are deleted.
"""

import base64
import io
import logging
import re

from fontTools import subset, ttLib

from recbook_book.site.written import rewrite, when_written

FONTS = "vendor/fontawesome/webfonts"
# MathJax is loaded by tex-chtml.js. It loads later: packages of TeX, its fonts, and the
# reading aids of its menu (in English, and as braille).
MATHS = ("tex-chtml.js", "a11y/", "input/tex/extensions/", "output/chtml/fonts/")
MATHS += tuple(f"sre/mathmaps/{name}.json" for name in ("base", "en", "nemeth"))

SCRIPT = r'\s*<script[^>]* src="[^"]*{}[^>]*></script>'
# Anchored at the start of a line: tried at each place of it, it took two minutes.
ICONS = SCRIPT.format(r"scripts/fontawesome\.js") + "|^.*So that users can.*"
ICONS = re.compile(ICONS, re.MULTILINE)
SEARCH = re.compile(SCRIPT.format(r"(?:searchtools|language_data|searchindex)\.js"))
MATHJAX = re.compile(SCRIPT.format(r"mathjax/tex-chtml\.js"))
FORMULA = re.compile(r'class="[^"]*\bmath\b')
RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\\w+"\}')
FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
GLYPH = re.compile(r'"\\(f[0-9a-f]{3})"')
NAME = re.compile(r"\bfa-[a-z][\w-]*")


def lighten(app, site):
    """Make the pages and the fonts lighter, and delete files, once all is written."""
    names = set()

    def lighter(page, name):
        page = ICONS.sub("", page)
        if name != "search":
            page = SEARCH.sub("", page)
        if not FORMULA.search(page):  # a preview with one loads it (aids.js)
            page = MATHJAX.sub("", page)
        names.update(NAME.findall(page))
        return page

    rewrite(site, lighter)
    static = site / "_static"
    for script in static.glob("scripts/*-theme.js"):
        names.update(NAME.findall(script.read_text(encoding="utf-8")))
    cut_icons(static, names)
    drop(static)


def cut_icons(static, names):
    """Keep only the rules and glyphs of the icons with these names."""
    styles = sorted(static.glob("styles/*.css"))
    texts = {path: path.read_text(encoding="utf-8") for path in styles}

    def rule(match):
        return match[0] if names & set(NAME.findall(match[1])) else ""

    for path, text in texts.items():
        texts[path] = RULE.sub(rule, text)
    glyphs = {int(code, 16) for t in texts.values() for code in GLYPH.findall(t)}
    for path, text in texts.items():
        light = FACE.sub(lambda match: face(static, match[0], glyphs), text)
        path.write_text(light, encoding="utf-8")


def face(static, rule, glyphs):
    """Return the rule of a font with these glyphs in it, or "" if no page uses it."""
    (name,) = re.findall(rf"{FONTS}/(fa-[\w-]+)\.ttf", rule)
    if "solid" not in name:
        return ""
    font = ttLib.TTFont(static / FONTS / f"{name}.ttf", recalcTimestamp=False)
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=False)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs each step
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=glyphs)
    cutter.subset(font)
    font.flavor = "woff"
    file = io.BytesIO()
    font.save(file)
    data = base64.b64encode(file.getvalue()).decode()
    source = f'src:url(data:font/woff;base64,{data}) format("woff")'
    return re.sub(r"src:[^}]*", source, rule)


def drop(static):
    """Delete the files that no page loads."""
    maths = static / "mathjax"
    for path in sorted(static.rglob("*"), reverse=True):  # folders after their files
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.is_relative_to(maths):
            if not path.relative_to(maths).as_posix().startswith(MATHS):
                path.unlink()
        elif path.suffix == ".map" or "fontawesome" in path.as_posix():
            path.unlink()


def setup(app):
    when_written(app, lighten, priority=950)
