"""Write a resolved document as plain Markdown, which all notebook readers show alike.

Sphinx has filled in numbers, citations and links by then, and no MyST syntax is left.
A paragraph is one line, so that no line of it can begin a list or heading by chance.
"""

import re
from urllib.parse import quote

from docutils import nodes

from recbook_book.edition.strings import said

# Characters of a text that Markdown would take for markup.
MARKUP = re.compile(
    r"[\\`*$~]|(?<!\w)_|_(?!\w)|<(?=[\w/!?])|&(?=#?\w+;)|\](?=[(\[:])", re.ASCII
)
# Beginnings of lines that would make a heading, a quote or an item of a list.
BEGINS_BLOCK = re.compile(r"(\d*)(?=(#+|>|[+-]|(?<=\d)[.)])(\s|$))")
ENVIRONMENT = re.compile(r"\\(begin|end)\{[^}]*\}|\\\\")
LANGUAGES = {"default": "", "none": "", "ipython3": "python", "ipython": "python"}
SILENT = {"target", "index", "comment", "substitution_definition", "system_message"}
SILENT |= {"explore"}  # a figure that only a page can move


class Markdown:
    """Writes the nodes of one page.

    Parameters
    ----------
    number : callable
        The book's number of a figure or equation: ``number(kind, node)``.
    locate : callable
        The target of a link, seen from the notebook; None if the notebook has no such
        file. Then only the link's text is written.
    picture : callable
        Markdown or HTML that shows a file: ``picture(path, alt)``.
    """

    def __init__(self, number, locate, picture):
        self.number, self.locate, self.picture = number, locate, picture
        self.in_table = False
        self.one_line = False  # in quotes and lists a formula must be one line

    def block(self, node):
        """Return the Markdown of a block."""
        if node.tagname in SILENT:
            return ""
        return self.written(node, "block", self.paragraph)

    def blocks(self, children):
        return "\n\n".join(filter(None, map(self.block, children)))

    def inline(self, node):
        """Return the Markdown of a node's children within a line."""
        parts = [
            self.text(child)
            if isinstance(child, nodes.Text)
            else self.written(child, "inline", self.inline)
            for child in node.children
            if getattr(child, "tagname", "") not in SILENT
        ]
        return "".join(parts)

    def written(self, node, kind, otherwise):
        method = getattr(self, f"{kind}_{node.tagname}", None)
        if method is None and isinstance(node, nodes.Inline) and kind == "inline":
            method = otherwise
        if method is None:
            raise NotImplementedError(
                f"the students' notebooks have no Markdown for <{node.tagname}> "
                f"({kind}): write it in plain_markdown.py"
            )
        return method(node)

    # Within a line.

    def text(self, node):
        line = MARKUP.sub(r"\\\g<0>", one_line(node.astext()))
        return line.replace("|", r"\|") if self.in_table else line

    def inline_strong(self, node):
        return marked("**", self.inline(node))

    def inline_emphasis(self, node):
        return marked("*", self.inline(node))

    def inline_math(self, node):
        return f"${self.tex(node)}$"

    def tex(self, node):
        tex = re.sub(r"<(?=\S)", "< ", one_line(node.astext()).strip())
        if self.in_table:
            tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ").strip()
        return tex

    def inline_literal(self, node):
        code = one_line(node.astext())
        if self.in_table:
            code = code.replace("|", r"\|")
        fence = "``" if "`" in code else "`"
        edge = " " if "`" in code else ""
        return f"{fence}{edge}{code}{edge}{fence}"

    def inline_inline(self, node):
        text = self.inline(node)
        if "bibtex-citation" in node["classes"]:  # (Koren, 2008), not [Koren, 2008]
            text = text.replace("[", "(").replace("]", ")")
        return text

    def inline_reference(self, node):
        text = self.inline(node)
        is_term = any(
            "std-term" in child["classes"] for child in node.findall(nodes.inline)
        )
        uri = node.get("refuri")
        address = self.locate(uri) if uri else None
        if not address or is_term or "reftitle" in node:  # terms, citations are text
            return text
        return f"[{text.strip()}]({quote(address, safe=':/?&=#%+~,;@!.-_')})"

    inline_number_reference = inline_reference

    def inline_image(self, node):
        return self.picture(node["uri"], one_line(node.get("alt", "")))

    # By itself.

    def paragraph(self, node):
        if node.children and isinstance(node[0], nodes.raw):  # to a view of the page
            return ""
        line = self.inline(node).strip()
        begins = BEGINS_BLOCK.match(line)
        return f"{begins[1]}\\{line[begins.end() :]}" if begins else line

    block_paragraph = block_compact_paragraph = paragraph

    def block_title(self, node):
        return marked("**", self.inline(node))

    block_rubric = block_title

    def block_math_block(self, node):
        tex = re.sub(r"\n\s*\n", "\n", node.astext().strip())
        tex = re.sub(r"<(?=\S)", "< ", tex)
        if not node.get("nowrap") and has_lines(tex):
            tex = f"\\begin{{split}}\n{tex}\n\\end{{split}}"
        number = self.number("displaymath", node)
        if number:
            tex += f" \\tag{{{number}}}"
        return f"$$ {one_line(tex)} $$" if self.one_line else f"$$\n{tex}\n$$"

    def block_literal_block(self, node):
        language = node.get("language", "")
        return f"```{LANGUAGES.get(language, language)}\n{node.astext().rstrip()}\n```"

    def block_image(self, node):
        return self.inline_image(node)

    def block_figure(self, node):
        return self.blocks(node.children)

    def block_caption(self, node):
        """Return the number of the figure, if it has one, and the caption."""
        number = self.number("figure", node.parent)
        text = self.paragraph(node)
        return f"**{number}** · {text}" if number else text

    def block_block_quote(self, node):
        return quoted(self.nested(node.children))

    def block_admonition(self, node):
        return quoted(self.nested(node.children))

    def kind_of_note(self, node):
        title = f"**{said(node.tagname.capitalize())}**"
        return quoted(f"{title}\n\n{self.nested(node.children)}")

    block_note = block_tip = block_warning = block_important = kind_of_note
    block_seealso = block_hint = block_caution = kind_of_note

    def nested(self, children):
        """Return the content of a quote or a list, with each formula on one line."""
        before, self.one_line = self.one_line, True
        text = self.blocks(children)
        self.one_line = before
        return text

    def block_bullet_list(self, node):
        return self.listed(node, ["- "] * len(node))

    def block_enumerated_list(self, node):
        first = node.get("start", 1)
        if "alpha" in node.get("enumtype", ""):  # Markdown has no lettered list
            marks = [
                f"- **{chr(ord('a') - 1 + first + n)}.** " for n in range(len(node))
            ]
        else:
            marks = [f"{first + n}. " for n in range(len(node))]
        return self.listed(node, marks)

    def listed(self, node, marks):
        pairs = zip(marks, node.children, strict=True)
        items = [item(mark, self.nested(child.children)) for mark, child in pairs]
        loose = any("\n\n" in item for item in items)
        return ("\n\n" if loose else "\n").join(items)

    def block_definition_list(self, node):
        items = []
        for entry in node.children:
            terms = [self.inline(n) for n in entry.children if n.tagname == "term"]
            text = self.nested(entry.children[-1].children)
            items.append(item(f"- **{', '.join(terms)}**: ", text))
        return "\n".join(items)

    def block_citation(self, node):
        """Return an entry of the bibliography without its short key."""
        return item("- ", self.nested(node.children[1:]))

    def block_container(self, node):
        return self.blocks(node.children)

    block_glossary = block_compound = block_container

    def block_your_file(self, node):
        """Return how to use a file of one's own, without what the page says of it."""
        return self.blocks(node.children[1:])

    def block_transition(self, node):
        return "---"

    def block_table(self, node):
        title = [self.block(child) for child in node.findall(nodes.title)]
        rows = [[self.cell(cell) for cell in row] for row in node.findall(nodes.row)]
        if not list(node.findall(nodes.thead)):
            rows.insert(0, [" "] * len(rows[0]))
        rows.insert(1, ["---"] * len(rows[0]))
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n\n".join([*title, "\n".join(lines)])

    def cell(self, node):
        self.in_table = True
        text = "<br>".join(self.block(child) for child in node.children)
        self.in_table = False
        return text


def one_line(text):
    return re.sub(r"[ \n\t]+", " ", text)


def marked(mark, text):
    """Return ``**text**``. Spaces go outside the marks: ``** a **`` is no emphasis."""
    inner = text.strip()
    if not inner:
        return text
    before, _, after = text.partition(inner)
    return f"{before}{mark}{inner}{mark}{after}"


def item(mark, text):
    """Return one item of a list, with its further lines indented."""
    indent = " " * (2 if mark.startswith("-") else len(mark))
    return mark + re.sub(r"\n(?=.)", f"\n{indent}", text)


def quoted(text):
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def has_lines(tex):
    r"""Whether a formula has a line break ``\\`` outside of any environment."""
    depth = 0
    for match in ENVIRONMENT.finditer(tex):
        if match[0] == r"\\" and depth == 0:
            return True
        depth += {"begin": 1, "end": -1}.get(match[1], 0)
    return False
