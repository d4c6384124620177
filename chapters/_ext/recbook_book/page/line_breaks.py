"""Keep a formula and the punctuation around it on one line.

Otherwise a browser may begin a line with the comma or the "'s" after a formula.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

BEFORE = re.compile(r"[(\[“‘（《「]+$")
# Of a Chinese word behind a hyphen only the first letter, as a line may end in a word.
BEHIND = re.compile(r"[.,;:!?)\]”’%，。；：？！、）》」]+(s\b)?|'s\b|-(?:[㐀-鿿]|\w+)")


class KeepTogether(SphinxPostTransform):
    """Put a formula, its brackets and its comma into one node."""

    default_priority = 30

    def run(self):
        for math in list(self.document.findall(nodes.math)):
            keep_together(math)


def keep_together(math):
    """Wrap a formula and the punctuation around it; without any, change nothing."""
    parent = math.parent
    at = parent.index(math)
    before, behind = "", ""
    if at and isinstance(parent[at - 1], nodes.Text):
        match = BEFORE.search(parent[at - 1])
        before = match[0] if match else ""
    if at + 1 < len(parent) and isinstance(parent[at + 1], nodes.Text):
        match = BEHIND.match(parent[at + 1])
        behind = match[0] if match else ""
    if not before + behind:
        return
    whole = nodes.inline(classes=["nobr"])
    parent.replace(math, whole)
    if before:
        parent[at - 1] = nodes.Text(parent[at - 1][: -len(before)])
        whole += nodes.Text(before)
    whole += math
    if behind:
        parent[at + 1] = nodes.Text(parent[at + 1][len(behind) :])
        whole += nodes.Text(behind)


def setup(app):
    app.add_post_transform(KeepTogether)
