"""What a command refuses to read, in words, and how it quotes what somebody wrote."""


class Refused(ValueError):
    """A file that cannot be used; the message says where, what, and the way out.

    >>> raise Refused("row 3: prediction is 'good'; write a number")
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: row 3: prediction is 'good'; write a number
    """


def shown(value, most=30):
    """Quote a value or a name: escaped, and cut where it is longer than ``most``.

    >>> shown("4 stars" + chr(27)), shown("x" * 99, most=5)
    ("'4 stars\\\\x1b'", "'xxxxx…'")
    """
    value = str(value)
    return repr(value) if len(value) <= most else repr(value[:most])[:-1] + "…'"


def named(path):
    """Quote the name of a file or folder.

    >>> named("my files/7.csv")
    "'my files/7.csv'"
    """
    return shown(path, most=200)
