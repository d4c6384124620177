r"""A film's poster: its vector, in as many shades as cells fit on a small picture.

Films whose posters look alike are alike to the model. A poster has 24 cells, and a
vector may have more numbers. So the cells are the directions in which films differ
most, as a singular value decomposition finds them, each in units of its own standard
deviation.
"""

import numpy as np

__all__ = ["CELLS", "posters"]

CELLS = 24  # four in a row, in six rows
SHADES = 16  # so that a cell is one hexadecimal digit
STEP = 3.2  # shades in a standard deviation: the extremes lie 2.3 of them from the mean


def posters(directions):
    r"""Return one text for each film, with a hexadecimal digit for each cell.

    With :math:`c_i = d_i - \bar d` and the eigenvectors :math:`v_j` of
    :math:`C^\top C / n`, in the order of their eigenvalues :math:`\lambda_j`, a digit
    is :math:`7.5 + 3.2\, c_i^\top v_j / \sqrt{\lambda_j}`, rounded and cut to 0 … 15.

    Parameters
    ----------
    directions : (n_items, k) array
        The films' vectors, each of length 1.

    Returns
    -------
    list of str
        Each of min(24, k) digits. A digit from 0 to 7 lies below the mean of all
        films, from 8 to f above it. Where films do not differ it is 8.

    Examples
    --------
    >>> posters(np.array([[1.0, 0.0], [0.0, 1.0]]))
    ['b8', '48']
    """
    centred = directions - directions.mean(axis=0)
    variances, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    variances, vectors = variances[::-1][:CELLS], vectors[:, ::-1][:, :CELLS]
    # An eigenvector may point either way. We take the way of its largest entry.
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, np.arange(len(variances))])
    differs = variances > 1e-9 * max(variances[0], 1e-9)
    scale = np.where(differs, STEP / np.sqrt(np.where(differs, variances, 1.0)), 0.0)
    middle = (SHADES - 1) / 2 + 1e-6  # never half-way between two digits by rounding
    digits = np.clip(np.rint(middle + centred @ vectors * scale), 0, SHADES - 1)
    return ["".join(f"{digit:x}" for digit in row) for row in digits.astype(int)]
