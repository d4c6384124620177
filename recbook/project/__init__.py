"""The film project as a chain of files: each step is loaded, or made where missing.

The pages of part 5 build a recommender step by step, and every step leaves a file to
the next: the checked table, a network, trained ones for stars and for lists, the report
that chose, the product. Whoever begins in the middle gets what came before made for
them; whoever follows the pages finds it there.

A file is made from data and by code, and either may change. So the files stand in a
folder named by both: an old file is never taken for a new one, and two sets of data
never meet. They are written under another name and renamed when whole, with their
checksum beside them; processes that want the same file wait for each other.
"""

from recbook.project.chain import (
    DamagedFileError,
    FilmData,
    Product,
    artefact,
    data,
    folder,
    lister,
    model,
    product,
    report,
    trained,
)
from recbook.project.database import same_films
from recbook.project.raw_files import report as check_files

__all__ = [
    "DamagedFileError",
    "FilmData",
    "Product",
    "artefact",
    "check_files",
    "data",
    "folder",
    "lister",
    "model",
    "product",
    "report",
    "same_films",
    "trained",
]
