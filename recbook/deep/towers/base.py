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
    """Raise unless ``levels`` is a tuple of growing numbers of stars, perhaps empty."""
    if not isinstance(levels, tuple | list):
        raise ValueError(f"{name} must be a tuple of stars, got {levels!r}")
    for edge in levels:
        check_number(name, edge)
    if (np.diff(levels) <= 0).any():
        raise ValueError(f"{name} must grow, got {levels!r}")


class Towers(DeepModel):
    """A tower for people, one for films; a score is the product of their vectors.

    A fitted model has ``sides_``, the dicts of :func:`recbook.deep.towers.rows
    .user_side` and ``film_side``, and ``weights_``: the tables of vectors of people's
    features (F, k) and of films' (G, k), then the films' weights (G, 1), and for stars
    the people's weights (F, 1) and the mean (1,).
    """

    _ranges = {
        "levels": Range(check_levels, (3.0, (4.0, 3.0), (1.0, np.nan))),
        "id_dropout": share(),
    }

    def user_rows(self, users):
        """Return the features of people of train, a (len(users), F) ``csr_array``."""
        check_fitted(self, "weights_")
        side = self.sides_["user"]
        return rows_of.matrix(side)[check_codes("users", users, side["shape"][0])]

    def film_rows(self, items):
        """Return the features of films of train, a (len(items), G) ``csr_array``."""
        check_fitted(self, "weights_")
        side = self.sides_["film"]
        return rows_of.matrix(side)[check_codes("items", items, side["shape"][0])]

    def describe_user(self, items, values, about=None):
        """Return the features of somebody new, (F,) float64.

        Parameters
        ----------
        items : (n,) int
            Codes of the films that they rated; none is allowed.
        values : (n,) float
            Their stars.
        about : dict or Series, optional
            What is told of them, as in a row of the ``users`` of fit. A column left
            out, a missing value and a value that training has not seen count nothing.

        Raises
        ------
        ValueError
            For an unknown film or one that comes twice, stars outside train's scale,
            and a key of ``about`` that was no column in training.
        """
        check_fitted(self, "weights_")
        side = self.sides_["user"]
        x = rows_of.rated_row(side, items, values, tuple(self.levels), self.scale_)
        return x if about is None else x + rows_of.described_row(side, about)

    def describe_film(self, about):
        """Return the features of a new film, (G,) float64: no id, and no raters.

        Parameters
        ----------
        about : dict or Series
            As a row of the ``movies`` of fit; instead of its columns of truth values a
            list of names, ``{"genres": ["Drama", "War"], "year": 1997}``.

        Raises
        ------
        ValueError
            For a genre, or another key, that training had not.
        """
        check_fitted(self, "weights_")
        return rows_of.described_row(self.sides_["film"], about)

    def user_vectors(self, rows=None):
        """Return [p_u, 1] of people, (n, n_factors + 1) float64.

        One product with a film's vector is the score, less what is the user's alone.

        Parameters
        ----------
        rows : (n, F) csr or dense array, optional
            From ``user_rows`` or ``describe_user``; everybody of train where None.
        """
        x = self._rows("user", rows) @ self._table("user")
        return np.hstack([x, np.ones((len(x), 1))])

    def film_vectors(self, rows=None):
        """Return [q_i, b_i] of films, (n, n_factors + 1) float64.

        Parameters
        ----------
        rows : (n, G) csr or dense array, optional
            From ``film_rows`` or ``describe_film``; all films of train where None.
        """
        rows = self._rows("film", rows)
        return np.hstack([rows @ self._table("film"), rows @ self._weights("film")])

    def fold_in(self, items, values, about=None):
        """Return the vector of somebody new, (n_factors + 1,): nothing is fitted.

        The arguments are those of :meth:`describe_user`.
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
        """Return checked rows of a side; all of train's where None."""
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
    """Return the network: standard layers alone, so that any Keras reads it.

    Parameters
    ----------
    sizes : (int, int)
        Features of people and of films.
    n_factors : int
        Length of the vectors.
    mean : float, optional
        Where it is given, the people's weights and a mean are in the score.
    tables : list of arrays, optional
        The start; zeros where None.
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
    """Return vectors drawn at random, (len(counts), k); 0 where training has nothing.

    So that a feature that training has not seen counts nothing.
    """
    seen = (counts > 0)[:, None]
    return (seen * rng.normal(0, init_std, (len(counts), n_factors))).astype(np.float32)


def matrices(sides):
    """Return the rows of people and of films, two csr tables."""
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
