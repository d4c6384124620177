"""Matplotlib's backend in a page: Agg, as in the notebooks.

The backend "svg" measures text in other units than the figure has. Labels that are
placed by the size of the text would overlap.
"""

import recbook_shows
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg


class Manager(FigureManagerBase):
    """Shows a figure below its cell, once."""

    def show(self):
        """For ``figure.show()``."""
        recbook_shows.display(self.canvas.figure)
        Gcf.destroy(self)

    @classmethod
    def pyplot_show(cls, *, block=None):
        """For ``plt.show()``: show all open figures."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()


class FigureCanvas(FigureCanvasAgg):
    """The name that Matplotlib looks for in a backend."""

    manager_class = Manager
