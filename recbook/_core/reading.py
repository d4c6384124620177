"""Read a text that somebody gives, or refuse it in words."""

from pathlib import Path

from recbook._core.refusals import Refused, named

LIMIT = 16 * 2**20  # bytes, some thirty times what is asked for
WAY_OUT = "hand in the columns asked for, one row for each that is asked for"
_KINDS = {  # how a file begins -> what it is
    b"PK": "a zip archive, as an .xlsx workbook is",
    b"\x80": "a pickle",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old .xls workbook",
    b"\x93NUMPY": "an .npy array",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PAR1": "a Parquet file",
}


def read_text(path, keep_mark=False):
    """Return the text of a CSV file of at most ``LIMIT`` bytes, in UTF-8.

    Parameters
    ----------
    path : str or Path
        The file.
    keep_mark : bool
        Whether a byte order mark in front stays in the text.

    Raises
    ------
    Refused
        If it is no such file, with the way out.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise Refused(f"{named(path)} is a folder; name a CSV file in it")
        if not path.exists():
            raise Refused(f"{named(path)} does not exist; check the name")
        if not path.is_file():
            raise Refused(f"{named(path)} is no regular file; save the CSV to disk")
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        why = getattr(error, "strerror", None) or error
        raise Refused(f"{named(path)} cannot be read: {why}") from None
    if len(data) > LIMIT:
        raise Refused(f"the file is larger than {LIMIT // 2**20} MiB; {WAY_OUT}")
    for start, kind in _KINDS.items():
        if data.startswith(start):
            raise Refused(f"the file is {kind}, not CSV; save it as CSV in UTF-8")
    if b"\0" in data:
        raise Refused(
            "the file holds NUL bytes, so is no text; save it as CSV in UTF-8"
        )
    try:
        return data.decode("utf-8" if keep_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(
            f"line {line} of the file is not UTF-8 (byte {data[error.start]:#04x}); "
            "save it as CSV in UTF-8"
        ) from None
