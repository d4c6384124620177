"""The film project as a chain of files: each step is loaded, or made if it is missing.

The pages of part 5 build a recommender step by step, and every step leaves a file for
the next: the checked table, a network, trained towers for stars and for lists, the
report that compares models, and the product. A reader who starts in the middle gets
the earlier steps made for them. A reader who follows the pages finds them there.

A file depends on data and on code, and either may change. So the files are in a folder
named after both: an old file is never taken for a new one, and two data sets never
mix. A file is written under another name and renamed when complete, with its checksum
beside it. Processes that want the same file wait for each other.
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
    "folder",
    "check_files",
    "data",
    "model",
    "trained",
    "report",
    "lister",
    "product",
    "same_films",
    "artefact",
    "FilmData",
    "Product",
    "DamagedFileError",
]
