"""Make an SVG file a part of a page, with the font and theme of the page.

The pages of the book and of the reports ask for this.

Words stay words, in the page's own sans-serif. Each colour becomes a pair, for the
light and the dark theme. Metadata is left out, and styles that repeat become classes,
so that a figure has about half the size of its file.
"""

import re
from html import escape
from xml.etree import ElementTree

from recbook.plots.dark_colors import dark

NAMESPACE = re.compile(r"\{[^}]*\}")
HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
NAMED = {"white": "#ffffff", "black": "#000000"}
COLORED = {"fill", "stroke", "stop-color", "color"}
LONG = re.compile(r"-?\d*\.\d{3,}(?:e-?\d+)?")
REFERENCE = re.compile(r"(url\(#|^#)")
FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+px)\s+(?P<family>.*)", re.DOTALL)
DRAWN = re.compile(r'<svg\b[^>]*\bclass="drawn"')  # by this, whoever read it since
COLUMN = 44  # rem: the width of the page's column
POINTS = 518.4  # width of a Matplotlib figure that fills the column
PIXEL = 1.05 / 16  # rem, in a drawing whose words have 14 pixels


def inline(source, alt, prefix):
    """Return an SVG file as ``<svg role="img">`` for a page.

    What is part of a page already, as in a report, is returned as it is.

    Parameters
    ----------
    source : str
        The content of the file.
    alt : str
        The alternative text.
    prefix : str
        Begins each id; no other figure of the page has the same.

    Raises
    ------
    ValueError
        Without a ``viewBox``, which gives the size on the page.
    xml.etree.ElementTree.ParseError
        Where the source is not XML.
    """
    if DRAWN.match(source):
        return source
    root = ElementTree.fromstring(source)
    width = root.get("width", "")
    if "viewBox" not in root.attrib:
        raise ValueError("it has no viewBox")
    _, _, wide, high = map(float, root.get("viewBox").split())
    rem = wide * (COLUMN / POINTS if width.endswith("pt") else PIXEL)
    prune(root)
    looks = {}
    for element in root.iter():
        restyle(element, looks)
    name_anew(root, prefix)
    inside = (root.text or "") + "".join(
        ElementTree.tostring(child, encoding="unicode") for child in root
    )
    style = "".join(f"#{prefix} .{name}{{{look}}}" for look, name in looks.items())
    style = style.replace("url(#", f"url(#{prefix}-")  # hatches have ids
    look = f"width:{rem:.2f}rem"
    if root.get("font-size"):
        look += f";font-size:{root.get('font-size')}px"
    size = f'viewBox="0 0 {wide:g} {high:g}" style="{look}"'
    label = f'role="img" aria-label="{escape(alt, quote=True)}"'
    first = f'<svg class="drawn" id="{prefix}" {label} {size}>'
    return f"{first}<style>{style}</style>{inside}</svg>"


def prune(root):
    """Remove what is not drawn, and groups without attributes."""
    for element in root.iter():
        element.tag = NAMESPACE.sub("", element.tag)
        element.attrib = {NAMESPACE.sub("", k): v for k, v in element.attrib.items()}
        is_text = element.tag in ("text", "tspan")
        if not is_text and not (element.text or "").strip():
            element.text = None
        if element.tag != "tspan" and not (element.tail or "").strip():
            element.tail = None
    used = set(re.findall(r"#([\w-]+)", ElementTree.tostring(root, encoding="unicode")))
    for parent in list(root.iter()):
        kept = []
        for child in parent:
            if child.tag in ("metadata", "title", "desc", "style"):
                continue
            if child.get("id") not in used:
                child.attrib.pop("id", None)
            kept.append(child)
        parent[:] = kept
    hoist(root)


def hoist(parent):
    """Replace each group without attributes by its children."""
    kept = []
    for child in parent:
        hoist(child)
        bare = child.tag in ("g", "defs") and not child.attrib
        if bare and (child.tag == "g" or not len(child)):
            kept.extend(child)
        elif not is_nothing(child):
            kept.append(child)
    parent[:] = kept


def is_nothing(element):
    """Whether an element has neither a fill nor a line."""
    look = declarations(element.get("style", ""))
    return element.tag == "path" and look.get("fill") == "none" and "stroke" not in look


def restyle(element, looks):
    """Replace the style of an element by a class, and round numbers to two decimals."""
    look = declarations(element.attrib.pop("style", ""))
    for name in sorted(COLORED & set(element.attrib)):  # the same bytes in each build
        look.setdefault(name, element.attrib.pop(name))
    if "font" in look:
        look = font(look.pop("font")) | look
    if is_sans(look.get("font-family", "")):
        del look["font-family"]
    if is_sans(element.get("font-family", "")):
        del element.attrib["font-family"]
    if look:
        is_text = element.tag in ("g", "text", "tspan")
        pairs = (both(k, v, ink=is_text or k == "stroke") for k, v in look.items())
        said = ";".join(pair for found in pairs for pair in found)
        name = looks.setdefault(said, f"s{len(looks)}")
        element.set("class", f"{element.get('class', '')} {name}".strip())
    for name in ("d", "x", "y", "points", "x1", "x2", "y1", "y2", "width", "height"):
        if name in element.attrib:
            element.set(name, " ".join(short(element.get(name)).split()))
    if "transform" in element.attrib:
        moved = re.sub(
            r"translate\([^)]*\)", lambda m: short(m[0]), element.get("transform")
        )
        element.set("transform", moved)


def is_sans(family):
    """Whether a font family is to be replaced by the page's sans-serif."""
    other = re.search(r"mono|(?<!sans-)serif", family, re.IGNORECASE)
    return bool(family) and not other


def declarations(style):
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def font(value):
    """Split ``font: italic 700 11px 'Recbook Sans', …`` into single properties."""
    match = FONT.fullmatch(value)
    look = {"font-size": match["size"], "font-family": match["family"]}
    for word in match["before"].split():
        if word in ("italic", "oblique"):
            look["font-style"] = "italic"
        elif word.isdigit() or word == "bold":
            look["font-weight"] = word
    return look


def both(name, value, ink):
    """Return one declaration, two for a colour: a browser takes the last it knows."""
    value = NAMED.get(value, value)
    if name not in COLORED or not HEX.fullmatch(value):
        return [f"{name}:{value}"]
    if value == NAMED["white"]:  # a gap, or words on dark cells: the page's background
        return [f"{name}:var(--pst-color-background)"]
    if len(value) == 4:
        value = "#" + "".join(2 * digit for digit in value[1:])
    return [f"{name}:{value}", f"{name}:light-dark({value},{dark(value, ink)})"]


def short(text):
    """Round the numbers of a text to two decimals."""
    return LONG.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), str(text))


def name_anew(root, prefix):
    """Put the prefix before each id and each reference to it."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"{prefix}-{value}")
            elif "#" in value and name != "class":
                element.set(name, REFERENCE.sub(rf"\g<1>{prefix}-", value))
