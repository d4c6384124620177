"""Mark Chinese words as Chinese.

A screen reader then changes its language, and a browser does not take the Japanese
forms of the characters (WCAG 3.1.2). Each run of Han characters gets a
``<span lang="zh-Hans">``, except in code and formulas. Notebooks are not changed.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

# Han characters, what stands between them, and the marks that close them.
HAN = re.compile(r"[㐀-鿿](?:[、；，：。（《]*[㐀-鿿])*[。）》]*")
CODE = nodes.literal | nodes.literal_block | nodes.math | nodes.math_block | nodes.raw


class SayItIsChinese(SphinxPostTransform):
    """Wrap each run of Han characters in a node with its language."""

    default_priority = 900  # citations and references have their texts by now

    def run(self):
        if self.config.language.startswith("zh"):
            return  # a Chinese edition marks the whole page
        for text in list(self.document.findall(nodes.Text)):
            if HAN.search(text) and not isinstance(text.parent, CODE):
                text.parent.replace(text, list(marked(text.astext())))


def marked(text):
    """Return the nodes of a text, with a span for each Chinese run."""
    last = 0
    for run in HAN.finditer(text):
        if run.start() > last:
            yield nodes.Text(text[last : run.start()])
        # docutils writes a class of this form as the attribute "lang".
        yield nodes.inline("", run[0], classes=["language-zh-Hans"])
        last = run.end()
    if last < len(text):
        yield nodes.Text(text[last:])


def setup(app):
    app.add_post_transform(SayItIsChinese)
