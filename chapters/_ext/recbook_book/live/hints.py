"""Hints for an exercise: what its check says about mistakes that readers often make.

A page offers them one by one, after an answer that was not right. They cost no text of
their own: they are the messages of the check's slips. Left out are those that only make
sense about an answer in front of them, such as "that is the median".
"""

import re

from recbook.checks import ids, registry
from recbook.checks.language import translated

# The end of a message, or its beginning, that speaks of the reader's own answer.
YOURS = re.compile(r", yours\b.*|，你的.*")
OF_AN_ANSWER = re.compile(
    r"(that|those|these|it|this|here|you|your|begin|one step|the \w+ (is|are) right)\b"
    r"|.*\b(you|yours?)\b"
)


def hints_of(id, language="en"):
    """Return the hints for the exercise with this id, as a list of sentences.

    Which messages are hints, their English decides.

    >>> hints_of("2.1-cosine")[:2]
    ['a norm is the root of a sum of squares', 'a pair without co-rated entries gets 0']
    >>> hints_of("2.2-leak")[0]
    'a mean is not a sum: multiply each by its number of people'
    >>> hints_of("2.1-cosine", "zh")[1]
    '没有共同评分的一对应得 0'
    >>> hints_of("no-such-exercise")
    []
    """
    ids()  # imports the checks of all chapters
    found = {}
    for message in getattr(registry.REGISTRY.get(id), "slips", ()):
        hint = YOURS.sub("", message)
        # Of two mistakes at once, each has its own message.
        if not (OF_AN_ANSWER.match(hint) or any(hint.startswith(one) for one in found)):
            found[hint] = YOURS.sub("", translated(message, language))
    return list(found.values())
