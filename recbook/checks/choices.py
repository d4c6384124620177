"""Questions of one letter, each letter with its line of feedback."""

from recbook.checks.registry import REGISTRY, _one_line, exercise

__all__ = ["choice"]


def choice(id, *, right, **feedback):
    """Register a quick question, whose answer is the letter of one of its options.

    The page that asks it takes its answer from here: ``feedback`` of the check by
    letter, and which of them is ``right``.

    Parameters
    ----------
    id : str
        ``<part>-q<number>``, as "2-q1".
    right : str
        The letter of the right option.
    **feedback : str
        For each letter, one line: why it is right, or what is wrong with it, without
        naming the right one, and which page to read again ("See 2.1.").

    Examples
    --------
    >>> from recbook.checks.registry import REGISTRY, check
    >>> choice("0-q1", right="b", a="0 is even. See 1.1.", b="it leaves 1 over.")
    >>> check("0-q1", "a")
    0 is even. See 1.1.
    False
    >>> check("0-q1", "b")
    right: it leaves 1 over.
    True
    >>> check("0-q1", "both")
    answer with one letter, a or b, in quotes
    False
    >>> _ = REGISTRY.pop("0-q1")
    """
    *first, last = sorted(feedback)
    wanted = f"answer with one letter, {', '.join(first)} or {last}, in quotes"

    def compare(answer):
        letter = None
        if isinstance(answer, str):  # "A." is as good as "a"
            letter = answer.strip().lower().removesuffix(".")
        return None if letter == right else feedback.get(letter, wanted)

    compare.right, compare.feedback, compare.why = right, feedback, feedback[right]
    exercise(id)(compare)


def is_choice(id):
    """Return whether an exercise asks for a letter, which a guess may hit.

    >>> is_choice("2-q1"), is_choice("2.2-pull")
    (True, False)
    """
    return hasattr(REGISTRY.get(id), "feedback")


def is_wrong_letter(id, line):
    """Return whether a line of the check is what it says of a wrong letter.

    >>> is_wrong_letter("2.2-pull", "right"), is_wrong_letter("2-q1", "not handed in")
    (False, False)
    """
    feedback = getattr(REGISTRY.get(id), "feedback", {})
    return any(line == _one_line(said) for said in feedback.values())
