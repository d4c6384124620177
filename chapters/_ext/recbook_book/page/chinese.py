"""Chinese words say that they are Chinese.

A reader's voice then changes its language, and its letters are not those of Japanese
(WCAG 3.1.2). Each run of Han characters in a text gets a ``<span lang="zh-Hans">``,
wherever it stands but in code and formulas. The notebooks have the words as they are.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

# Han letters with what stands between them, and the marks that close them.
HAN = re.compile(r"[㐀-鿿](?:[、；，：。（《]*[㐀-鿿])*[。）》]*")
CODE = nodes.literal | nodes.literal_block | nodes.math | nodes.math_block | nodes.raw


class SayItIsChinese(SphinxPostTransform):
    """Wrap runs of Han characters in a node that HTML writes with its language."""

    default_priority = 900  # citations and references have their texts by now

    def run(self):
        if self.config.language.startswith("zh"):
            return  # an edition in Chinese says so of the whole page
        for text in list(self.document.findall(nodes.Text)):
            if HAN.search(text) and not isinstance(text.parent, CODE):
                text.parent.replace(text, list(marked(text.astext())))


def marked(text):
    """The nodes of a text, its Chinese runs in a span of their own."""
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
