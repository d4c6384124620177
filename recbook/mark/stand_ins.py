"""Functions that a check may call and look at in place of a student's."""

import keyword

__all__ = ["stand_in"]

MOST_NAMES = 200  # of a function's code
# It has the names and loops of the student's function, for checks that rule them out.
SOURCE = """
def answer(*args, **kwargs):
    if never:
        ({names})
    {loop}
    return called(args, kwargs)
"""


def stand_in(names, loops, called):
    """Return a function whose calls another one answers.

    Parameters
    ----------
    names : list
        That the student's function uses, or what a forged message has in their place.
    loops : bool
        Whether there is a loop in it.
    called : callable
        Takes the arguments: a tuple, and a dictionary.

    Examples
    --------
    >>> double = stand_in(["np", "class", "1"], True, lambda args, kwargs: 2 * args[0])
    >>> double(4), double.__code__.co_names
    (8, ('never', 'np', 'called'))
    """
    names = [str(name) for name in names[:MOST_NAMES] if str(name).isidentifier()]
    source = SOURCE.format(
        names=", ".join(n for n in names if not keyword.iskeyword(n)),
        loop="for _ in never: pass" if loops else "",
    )
    space = {"never": (), "called": called}
    exec(source, space)
    return space["answer"]
