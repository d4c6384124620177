"""What the two kinds of towers share: rows of features in, vectors out."""

import numpy as np
from scipy import sparse

from recbook._core.validate import check_codes, check_fitted, check_number
from recbook.base import Range, share
from recbook.deep.base import DeepModel
from recbook.deep.lazy import keras
from recbook.deep.towers import rows as rows_of

__all__ = ["Towers", "check_weights", "matrices", "started", "towers"]


def check_levels(name, levels):
    """Raise unless ``levels`` is an increasing tuple of stars, perhaps empty."""
    if not isinstance(levels, tuple | list):
        raise ValueError(f"{name} must be a tuple of stars, got {levels!r}")
    for edge in levels:
        check_number(name, edge)
    if (np.diff(levels) <= 0).any():
        raise ValueError(f"{name} must grow, got {levels!r}")


class Towers(DeepModel):
    """A tower for users and one for items, whose score is the product of their vectors.

    A fitted model has ``sides_``, the dicts that ``rows.user_side`` and
    ``rows.film_side`` return, and ``weights_``: the vectors of the users' features (F,
    k) and of the items' (G, k), and the items' weights (G, 1). A model of stars also
    has the users' weights (F, 1) and the mean (1,).
    """

    _ranges = {
        "levels": Range(check_levels, (3.0, (4.0, 3.0), (1.0, np.nan))),
        "id_dropout": share(),
    }

    def user_rows(self, users):
        """Return the feature rows of users of train.

        Parameters
        ----------
        users : (n,) array_like of int
            User codes.

        Returns
        -------
        (n, F) csr_array
            One row per user.
        """
        check_fitted(self, "weights_")
        side = self.sides_["user"]
        return rows_of.matrix(side)[check_codes("users", users, side["shape"][0])]

    def film_rows(self, items):
        """Return the feature rows of items of train.

        Parameters
        ----------
        items : (n,) array_like of int
            Item codes.

        Returns
        -------
        (n, G) csr_array
            One row per item.
        """
        check_fitted(self, "weights_")
        side = self.sides_["film"]
        return rows_of.matrix(side)[check_codes("items", items, side["shape"][0])]

    def describe_user(self, items, values, about=None):
        """Return the feature row of a new user.

        Parameters
        ----------
        items : (n,) array_like of int
            Codes of the items that the user rated. It may be empty.
        values : (n,) array_like of float
            The user's stars for them.
        about : dict or Series, optional
            Side information, as in a row of the ``users`` of ``fit``. A missing column
            or value, and a value that training has not seen, adds nothing.

        Returns
        -------
        (F,) float64 array
            The row.

        Raises
        ------
        ValueError
            If an item is unknown or repeated, stars are outside train's scale, or a key
            of ``about`` was no column in training.
        """
        check_fitted(self, "weights_")
        side = self.sides_["user"]
        x = rows_of.rated_row(side, items, values, tuple(self.levels), self.scale_)
        return x if about is None else x + rows_of.described_row(side, about)

    def describe_film(self, about):
        """Return the feature row of a new item, without id and raters.

        Parameters
        ----------
        about : dict or Series
            Side information, as in a row of the ``movies`` of ``fit``. A list of names
            may replace the bool columns: ``{"genres": ["Drama", "War"], "year":
            1997}``.

        Returns
        -------
        (G,) float64 array
            The row.

        Raises
        ------
        ValueError
            If training did not have a genre or another key.
        """
        check_fitted(self, "weights_")
        return rows_of.described_row(self.sides_["film"], about)

    def user_vectors(self, rows=None):
        """Return the vectors :math:`[p_u, 1]` of users.

        The product with an item's vector is the score, up to a constant of the user.

        Parameters
        ----------
        rows : (n, F) csr or dense array, optional
            From ``user_rows`` or ``describe_user``. None stands for all users of train.

        Returns
        -------
        (n, n_factors + 1) float64 array
            One vector per row.
        """
        x = self._rows("user", rows) @ self._table("user")
        return np.hstack([x, np.ones((len(x), 1))])

    def film_vectors(self, rows=None):
        """Return the vectors :math:`[q_i, b_i]` of items.

        Parameters
        ----------
        rows : (n, G) csr or dense array, optional
            From ``film_rows`` or ``describe_film``. None stands for all items of train.

        Returns
        -------
        (n, n_factors + 1) float64 array
            One vector per row.
        """
        rows = self._rows("film", rows)
        return np.hstack([rows @ self._table("film"), rows @ self._weights("film")])

    def fold_in(self, items, values, about=None):
        """Return the vector of a new user, without fitting again.

        Parameters
        ----------
        items, values, about
            As for ``describe_user``.

        Returns
        -------
        (n_factors + 1,) float64 array
            The vector :math:`[p_u, 1]`.
        """
        return self.user_vectors(self.describe_user(items, values, about))[0]

    def _table(self, side):
        """Return the vectors of a side's features, (F, k) float64."""
        check_fitted(self, "weights_")
        return self.weights_[side == "film"].astype(np.float64)

    def _weights(self, side):
        """Return the weights of a side's features, (F, 1) float64."""
        return self.weights_[2 + (side == "user")].astype(np.float64)

    def _rows(self, side, rows):
        """Return checked rows of a side. None stands for all rows of train."""
        check_fitted(self, "weights_")
        side, name = self.sides_[side], f"rows of {side}s"
        if rows is None:
            return rows_of.matrix(side)
        rows = rows if sparse.issparse(rows) else np.atleast_2d(np.asarray(rows))
        if rows.ndim != 2 or rows.shape[1] != side["shape"][1]:
            raise ValueError(
                f"{name} must have {side['shape'][1]} columns, got shape {rows.shape}; "
                "make them with user_rows, film_rows, describe_user or describe_film"
            )
        return rows


# The network --------------------------------------------------------------------------


def towers(sizes, n_factors, mean=None, tables=None):
    """Return the network, made of standard Keras layers so that any Keras can read it.

    Parameters
    ----------
    sizes : (int, int)
        Numbers of features of users and of items.
    n_factors : int
        Length of the vectors.
    mean : float, optional
        If given, the score includes the users' weights and a mean with this initial
        value.
    tables : list of arrays, optional
        Initial weights. None stands for zeros.
    """
    layers, (n_user, n_film) = keras.layers, sizes
    user = keras.Input((n_user,), name="user")
    film = keras.Input((n_film,), name="film")

    def added(x, width, name, **more):  # the sum of the features' vectors
        return layers.Dense(width, use_bias=bool(more), name=name,
                            kernel_initializer="zeros", **more)(x)  # fmt: skip

    x = added(user, n_factors, "user_vector")  # (n, k)
    y = added(film, n_factors, "film_vector")  # (n, k)
    parts = [layers.Dot(1, name="product")([x, y]), added(film, 1, "film_weight")]
    if mean is not None:
        start = keras.initializers.Constant(mean)
        parts.append(added(user, 1, "user_weight", bias_initializer=start))
    score = layers.Add(name="score")(parts)  # (n, 1)
    network = keras.Model({"user": user, "film": film}, score)
    for variable, table in zip(network.weights, tables or [], strict=False):
        variable.assign(table)
    return network


def started(counts, n_factors, init_std, rng):
    """Return random initial vectors, (len(counts), k), with 0 for unseen features.

    So a feature that training has not seen adds nothing.
    """
    seen = (counts > 0)[:, None]
    return (seen * rng.normal(0, init_std, (len(counts), n_factors))).astype(np.float32)


def matrices(sides):
    """Return the rows of users and of items, two csr tables."""
    return [rows_of.matrix(sides[name]) for name in ("user", "film")]


def check_weights(weights, levels):
    """Raise unless ``weights`` has a number of at least 0 for each level of stars."""
    if not isinstance(weights, tuple | list) or len(weights) != len(levels) + 1:
        raise ValueError(
            f"weights must be a tuple of {len(levels) + 1} numbers, one for each level "
            f"of stars, got {weights!r}"
        )
    for weight in weights:
        check_number("weights", weight, 0.0, 1e6)
