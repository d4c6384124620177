"""Charts of the book: means with their spread, heat maps, bars, dots."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from scipy import sparse

from recbook.plots.style import COLORS, luminance, signed

__all__ = ["bars_with_error", "dots", "heatmap", "mean_and_spread"]

LIGHT = 0.18  # the luminance on which black and white stand out equally


def mean_and_spread(ax, x, values, label=None, color=COLORS["ours"]):
    r"""Draw the mean of repeated measurements, with the spread around it.

    The line is :math:`m_j = \frac{1}{n} \sum_i v_{ij}`, the band is
    :math:`m_j \pm s_j` with :math:`s_j` the standard deviation over the repeats
    (:math:`n - 1` in the denominator). A single repeat has no spread and gets no band.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    x : (n_x,) array
        Where each column of ``values`` was measured.
    values : (n_repeats, n_x) array
        One row for each repeat, such as a fold or a seed.
    label : str, optional
        Name of the line in the legend.
    color : str
        Any matplotlib colour; take it from ``recbook.plots.COLORS``.

    Returns
    -------
    matplotlib Line2D
        The line of means.

    Raises
    ------
    ValueError
        If ``values`` is not two-dimensional with one column for each of ``x``.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> line = mean_and_spread(plt.figure().gca(), [1, 2], [[3, 5], [5, 5]])
    >>> line.get_ydata().tolist()
    [4.0, 5.0]
    >>> plt.close("all")
    """
    x, values = np.asarray(x), np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(x):
        raise ValueError(
            f"values has shape {values.shape}: give (n_repeats, {len(x)}), "
            "one column for each of x"
        )
    mean = values.mean(axis=0)
    (line,) = ax.plot(x, mean, marker="o", markersize=5, color=color, label=label)
    if len(values) > 1:
        spread = values.std(axis=0, ddof=1)
        ax.fill_between(
            x, mean - spread, mean + spread, color=color, alpha=0.2, linewidth=0
        )
    return line


def heatmap(
    ax, matrix, row_labels, col_labels, missing="–", fmt="g", highlight=(), **shades
):
    """Draw a small table as coloured cells with the numbers written in them.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    matrix : (n_rows, n_cols) array or sparse matrix
        NaN marks a missing cell. In a sparse matrix, cells that are not stored are
        missing.
    row_labels, col_labels : sequences of str
        One for each row and column.
    missing : str
        What is written in an empty cell, which has no colour.
    fmt : str
        Format of a number, as in ``format(value, fmt)``.
    highlight : iterable of (row, column)
        Cells to draw a frame around.
    **shades
        ``cmap``, ``vmin``, ``vmax``: for similarities ``cmap="PuOr", vmin=-1, vmax=1``.

    Returns
    -------
    matplotlib QuadMesh

    Raises
    ------
    ValueError
        If the labels do not fit the matrix.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().gca()
    >>> _ = heatmap(ax, [[5, float("nan")]], ["Ann"], ["Dune", "Up"])
    >>> [text.get_text() for text in ax.texts]
    ['5', '–']
    >>> plt.close("all")
    """
    matrix = _with_nan(matrix)
    if matrix.shape != (len(row_labels), len(col_labels)):
        raise ValueError(
            f"matrix has shape {matrix.shape}, the labels are for "
            f"({len(row_labels)}, {len(col_labels)})"
        )
    edges = [np.arange(n + 1) - 0.5 for n in matrix.shape[::-1]]
    look = {"cmap": "Blues", "edgecolors": "white", "linewidth": 1.5, **shades}
    cells = ax.pcolormesh(*edges, matrix, **look)
    shade = cells.to_rgba(np.nan_to_num(matrix))
    for (row, col), value in np.ndenumerate(matrix):
        text = missing if np.isnan(value) else signed(value, fmt)
        dark = not np.isnan(value) and luminance(shade[row, col]) < LIGHT
        ax.text(
            col, row, text, ha="center", va="center", color="white" if dark else "black"
        )
    halo = [withStroke(linewidth=5, foreground="white")]
    for row, col in highlight:
        frame = Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, lw=2)
        # a white edge on both sides: black alone is lost on a dark cell
        frame.set(clip_on=False, path_effects=halo)
        ax.add_patch(frame)
    ax.set_xticks(range(len(col_labels)), col_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    ax.set_ylim(len(row_labels) - 0.5, -0.5)  # the first row on top
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return cells


def bars_with_error(
    ax,
    names,
    means,
    errors,
    better="low",
    from_zero=True,
    fmt=".3f",
    colors=None,
    best=None,
):
    """Compare named results; the best are bold, marked and in the colour of ours.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    names : sequence of str
        From top to bottom. A name in ``colors`` has its colour there.
    means, errors : (n,) arrays
        Length of a bar and half the length of its whisker, in the axis' unit.
    better : {"low", "high"}
        Which end wins: low for an error, high for a hit rate.
    from_zero : bool
        Bars start at zero. If False, points are drawn instead, and the axis shows
        only the range that matters: right where all the differences are small.
    fmt : str
        Format of the number written beside each bar.
    colors : dict, optional
        Name → colour, for instance ``recbook.plots.COLORS``. By default the best has
        the colour of ours, and all others that of a baseline.
    best : sequence of str, optional
        Names to mark: the one with the best mean, and those that a paired test cannot
        tell from it. Empty where nothing was tested. By default the one with the best
        mean alone.

    Returns
    -------
    int
        Index of the best mean.

    Raises
    ------
    ValueError
        If the lengths differ, ``better`` is another word, or ``best`` has a name that
        is none of the bars or lacks the one with the best mean.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = plt.figure().gca()
    >>> bars_with_error(ax, ["mean", "bias"], [1.12, 0.94], [0.01, 0.01])
    1
    >>> plt.close("all")
    """
    means, errors = np.asarray(means, dtype=float), np.asarray(errors, dtype=float)
    if not len(names) == len(means) == len(errors):
        raise ValueError(
            f"names, means and errors have {len(names)}, {len(means)} and "
            f"{len(errors)} entries: give one of each for every bar"
        )
    if better not in ("low", "high"):
        raise ValueError(f"better={better!r}: say 'low' or 'high'")
    first = int(np.nanargmin(means) if better == "low" else np.nanargmax(means))
    marked = _marked(list(names), first, best)
    rows = np.arange(len(names))
    shades = [COLORS["ours" if row in marked else "baseline"] for row in rows]
    if colors is not None:
        shades = [colors.get(n, s) for n, s in zip(names, shades, strict=True)]
    if from_zero:
        ax.barh(rows, means, color=shades, height=0.6)
        ax.errorbar(means, rows, xerr=errors, fmt="none", ecolor="black", lw=1.5)
    else:
        for row, shade in zip(rows, shades, strict=True):
            ax.errorbar(means[row], row, xerr=errors[row], fmt="o", color=shade)
        ax.grid(axis="x")
    _label_rows(ax, names, means, errors, marked, fmt)
    return first


def dots(ax, first, second, labels=("first", "second"), better="low"):
    """Show paired results, with one line for each fold or user measured under both.

    A pair that got better from the first to the second is a solid line in the colour
    of ours, one that did not is dashed and grey. The means are the black bars.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    first, second : (n,) arrays
        The same folds or users in the same order. A pair with a NaN is left out.
    labels : (str, str)
        What the two columns are called.
    better : {"low", "high"}
        Which end wins.

    Returns
    -------
    int
        Number of pairs in which the second is strictly better.

    Raises
    ------
    ValueError
        If the lengths differ, or ``better`` is another word.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> dots(plt.figure().gca(), [0.95, 0.94, 0.96], [0.92, 0.95, 0.93])
    2
    >>> plt.close("all")
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"first has shape {first.shape}, second {second.shape}: "
            "give two (n,) arrays of the same pairs"
        )
    if better not in ("low", "high"):
        raise ValueError(f"better={better!r}: say 'low' or 'high'")
    keep = ~(np.isnan(first) | np.isnan(second))
    first, second = first[keep], second[keep]
    wins = second < first if better == "low" else second > first
    for a, b, win in zip(first, second, wins, strict=True):
        color = COLORS["ours" if win else "baseline"]
        ax.plot([0, 1], [a, b], "o-" if win else "o--", lw=1.2, color=color)
    for place, values in enumerate((first, second)):
        ax.hlines(values.mean(), place - 0.12, place + 0.12, color="black", lw=3)
    ax.set_xticks([0, 1], labels)
    ax.set_xlim(-0.4, 1.4)
    return int(wins.sum())


def _marked(names, first, best):
    """Return the rows to mark: the first alone, or those that ``best`` names."""
    if best is None:
        return [first]
    unknown = [name for name in best if name not in names]
    if unknown:
        raise ValueError(f"best={unknown[0]!r} is not among the names {names}")
    if len(best) and names[first] not in best:
        raise ValueError(f"best leaves out {names[first]!r}, which has the best mean")
    return [row for row, name in enumerate(names) if name in best]


def _label_rows(ax, names, means, errors, marked, fmt):
    """Names at the left, numbers beside the bars, the best ones bold and marked."""
    for row, (mean, error) in enumerate(zip(means, errors, strict=True)):
        text = signed(mean, fmt) + ("  best" if row in marked else "")
        weight = "bold" if row in marked else "normal"
        ax.annotate(
            text,
            (mean + np.nan_to_num(error), row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontweight=weight,
        )
    ax.set_yticks(range(len(names)), names)
    for row in marked:
        ax.get_yticklabels()[row].set_fontweight("bold")
    ax.set_ylim(len(names) - 0.5, -0.5)  # the first on top, none on the axis
    ax.margins(x=0.18)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _with_nan(matrix):
    """Dense float copy; what a sparse matrix does not store becomes NaN."""
    if not sparse.issparse(matrix):
        return np.array(matrix, dtype=float)
    stored = sparse.coo_array(matrix)
    dense = np.full(stored.shape, np.nan)
    dense[stored.row, stored.col] = stored.data
    return dense
