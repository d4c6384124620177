"""Mark the notebooks that a class handed in, by the checks of ``recbook.check``.

::

    python -m recbook.mark FOLDER --ids 2.2 --csv grades.csv
    python -m recbook.mark FOLDER --ids 2.2-pull 2.2-zscore --feedback REPLIES
    python -m recbook.mark FOLDER --ids 2.2 --worksheet moodle.csv
    python -m recbook.mark FOLDER --ids 2.2 --gradebook canvas.csv --column "Homework 2"

FOLDER holds notebooks (.ipynb) and sheets (.py) as Moodle or Canvas exports them, or is
that zip archive. Zip archives of students are read, too. A file hands in an answer by
``recbook.check(id, answer)``, of which the last one of an id counts, or in a dictionary
``ANSWERS``. The ids that you name are what the points are of: one each, or as --points
and --overrides say. The class lists of Moodle and Canvas are filled in place: grades,
and for Moodle comments. All other cells stay as they are. A CSV file and a folder of
texts from an earlier run are taken up.

Each file runs in a process of its own, with limits of time, memory and files. That
process decides nothing: its answers are sent as data to another one, which alone has
the checks. A cell that fails, or never ends, costs only itself.

A file is a program all the same. On Linux 5.13 or later a fence keeps it from all files
but Python, its libraries, recbook without the checks, and the data, from writing
anywhere but into its own folder, and from the network and other processes. Where there
is none, the last line says what a file can do: mark in an account or a container that
has nothing to lose. On macOS no memory is limited, and what a file starts may outlive
it. On Windows, mark in WSL.

The exit status is 0 where all were marked, whatever they are worth; 1 where a file was
not, as a line says, or files of recbook were changed meanwhile, or a result
cannot be written; and 2 where nothing was marked, with the reason on the standard
error.
"""

from lazy_loader import attach_stub

# On first use, since a page that wants ``slices`` alone would wait for pandas.
__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
