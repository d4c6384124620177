"""Where the data lie that come with the package."""

from pathlib import Path

from recbook._core.install import install

__all__ = ["bundled"]


def bundled(name, what):
    """Return the folder ``name``: in the package, or beside it in a checkout.

    Raises
    ------
    FileNotFoundError
        Where the package came without it; the message calls it ``what``.

    >>> bundled("shop", "the shop's log").name
    'shop'
    """
    package = Path(__file__).resolve().parents[1]  # recbook
    places = [package / "_data" / name, package.parent / "data" / name]
    for folder in places:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"{what} is neither in {places[0]} nor in {places[1]}; "
        f"install recbook again: {install()}"
    )
