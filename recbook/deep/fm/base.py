"""What the three factorization machines share: fields, loss and predictions."""

from typing import Self

import numpy as np
from scipy import sparse, special

from recbook._core.features import values_of
from recbook._core.validate import check_fitted, check_pairs
from recbook.base import anything, check_settings, check_train, known, one_of
from recbook.baselines import Bias
from recbook.deep.base import RatingModel, kept
from recbook.deep.fm.fields import (
    SideFields,
    context_codes,
    context_columns,
    item_fields,
    user_fields,
)
from recbook.deep.lazy import tf
from recbook.deep.training import shuffled_rows, train_epochs

__all__ = ["Machine"]

CHUNK = 2**15  # pairs at a time when a network predicts


class Machine(RatingModel):
    """A network over sparse fields, with fit and predict for any such network.

    A subclass has ``_build(design)``, which makes the network. Its input is one row of
    codes for each rating: of the user, of the item and of each context field.
    """

    _ranges = {
        "history": anything(),
        "raters": anything(),
        "clock": anything(),
        "loss": one_of("squared", "logistic"),
    }

    def fit(self, train, movies=None, users=None, context=None) -> Self:
        """Learn from ratings and side information, and return the model.

        Parameters
        ----------
        train : Ratings
            Stars, or zeros and ones for ``loss="logistic"``.
        movies, users : pandas.DataFrame, optional
            Side information about items and users, matched to the ids of train by
            ``movie_id`` and ``user_id``. All bool columns of a table together are one
            field, ``genre`` of ``movies`` or ``flag`` of ``users``, with the entry
            1 / (number that are True) for each that is True. ``year`` becomes a decade,
            ``age`` a band and ``zip_code`` its first character. ``title`` and
            ``release_date`` are left out. Any other column is a field.
        context : pandas.DataFrame, optional
            One row for each rating of train, in its order. Each column is a field.

        Returns
        -------
        self
            The model itself.

        Raises
        ------
        ValueError
            If an argument or a setting is wrong. The message names it.
        DivergenceError
            If the loss is not finite. The message names lr and the epoch.
        """
        train = check_train(train)
        check_settings(self)
        self._check_values(train)
        if self.clock and train.timestamps is None:
            raise ValueError("clock=True reads train.timestamps, which are None")
        columns = context_columns(
            train.n_ratings, train.timestamps, context, bool(self.clock)
        )
        values = {name: values_of(column) for name, column in columns.items()}
        context = context_codes(values, columns, train.n_ratings)
        learned = kept(train.n_ratings, self.validation_share, self.seed)
        fewer = train.subset(learned)
        design = designed(self, fewer, movies, users, values, context[learned])
        network = self._build(design)

        def examples(mask):
            codes = train.users[mask], train.items[mask], *context[mask].T
            return np.stack(codes, axis=1).astype(np.int32), train.values[mask]

        measure = None
        if not learned.all():
            measure = self._measure(network, *examples(~learned))
        draw = shuffled_rows(*examples(learned))
        loss = self._loss(network, design, fewer.n_ratings)
        rng = np.random.default_rng(self.seed)
        self.history_ = train_epochs(self, network, loss, draw, rng, measure)
        self.bias_, self._known = Bias().fit(fewer), known(fewer)
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        self.fields_, self._design = design["fields"], design
        self._keep(network)
        return self

    def _added_up(self, design, by_field=False, by_factor=False):
        """Return the input of codes (B, 2 + C) and the sums over the fields.

        The sums are the linear part (B,), the vectors (B, groups, k) and their squares,
        (B, k) or (B, 1).
        """
        from recbook.deep.fm.layers import fields_of  # its layers need Keras

        shape = {"by_field": by_field, "by_factor": by_factor}
        codes, fields = fields_of(self, design or self._design, **shape)
        return codes, *fields(codes)

    @property
    def w0_(self):
        """The constant :math:`w_0`, a float."""
        check_fitted(self, "weights_")
        return float(self.weights_[0][0])

    @property
    def w_(self):
        """The weights of the features, (n_features,)."""
        check_fitted(self, "weights_")
        return self.weights_[1][:, 0]

    @property
    def V_(self):
        """The vectors of the features, (n_features, n_factors)."""
        check_fitted(self, "weights_")
        return self.weights_[1][:, 1:]

    def _check_values(self, train):
        wrong = train.values[~np.isin(train.values, (0, 1))]
        if self.loss == "logistic" and wrong.size:
            raise ValueError(
                f"loss='logistic' needs values of 0 and 1, but train holds {wrong[0]:g}"
                "; say what counts as a 1, values >= 4 perhaps"
            )

    def _loss(self, network, design, n):
        """Return the mean loss of a batch plus the whole penalty divided by n."""
        table = network.get_layer("fields").table
        strength = design["counts"] ** self.reg_power / n
        penalties = np.full(table.shape[1], self.reg)
        penalties[0] = self.reg_bias
        penalty = tf.constant(strength[:, None] * penalties, tf.float32)

        def loss(codes, values):
            y, values = network(codes, training=True), tf.cast(values, tf.float32)
            if self.loss == "squared":
                errors = (values - y) ** 2
            else:  # y is a logit: the sigmoid is in the loss
                errors = tf.nn.sigmoid_cross_entropy_with_logits(values, y)
            return tf.reduce_mean(errors) + tf.reduce_sum(penalty * table**2)

        return loss

    def _measure(self, network, codes, values):
        """Return a function that measures held-out ratings: RMSE or log loss."""

        def measure():
            y = forward(network, codes)
            if self.loss == "squared":
                return np.sqrt(np.mean((values - y) ** 2))
            return np.mean(np.logaddexp(0, y) - values * y)

        return measure

    def _answered(self, users, items):
        described = self._design["told"]  # has side information, perhaps no ratings
        known_users, known_items = (
            k | d for k, d in zip(self._known, described, strict=True)
        )
        return known_users[users] & known_items[items]

    def _raw(self, users, items, *context):
        n = users.size
        context = context or context_codes(self._design["context"], {}, n).T
        codes = np.stack([users, items, *context], axis=1).astype(np.int32)
        y = forward(self.network_, codes)
        return special.expit(y) if self.loss == "logistic" else y

    def predict(self, users, items, timestamps=None, context=None) -> np.ndarray:
        """Return the predicted stars, or probabilities, of each pair.

        Parameters
        ----------
        users, items : (n,) array_like of int
            User and item codes, pair by pair.
        timestamps : (n,) array_like of int, optional
            Time of each pair in seconds. Used if ``clock`` is True.
        context : pandas.DataFrame, optional
            One row for each pair, with columns from ``fit``. A missing column or value,
            and a value that training has not seen, adds nothing.

        Returns
        -------
        (n,) float64 array
            Clipped to the lowest and highest rating of train. A user or item without
            training ratings is predicted from its side information. Without side
            information the pair gets the mean plus the known bias.
        """
        pairs = self._codes(users, items, timestamps, context)
        return np.clip(self._stars(*pairs), *self.scale_)

    def rows(self, users, items, timestamps=None, context=None):
        """Return the sparse feature row x of each pair.

        Parameters
        ----------
        users, items, timestamps, context
            As for ``predict``.

        Returns
        -------
        (n, n_features) csr_array
            Column a is feature a, in the order of ``fields_``.
        """
        users, items, *context = self._codes(users, items, timestamps, context)
        n_features = self.w_.size
        parts = []
        for codes, (n_rows, fields) in zip(
            (users, items), self._design["sides"], strict=True
        ):
            rows, features, x = (
                np.concatenate([field[part] for field in fields]) for part in (2, 3, 4)
            )
            shape = n_rows, n_features
            parts.append(sparse.csr_array((x, (rows, features)), shape)[codes])
        first = n_features - sum(map(len, self._design["context"].values()))
        for column in context:
            there = np.flatnonzero(first + column < n_features)
            at = there, first + column[there]
            shape = users.size, n_features
            parts.append(sparse.csr_array((np.ones(there.size), at), shape))
        return sum(parts[1:], start=parts[0])

    def _codes(self, users, items, timestamps, context):
        """Return checked codes of users, items and each context field."""
        check_fitted(self, "weights_")
        users, items = check_pairs(users, items, *map(len, self._known))
        if timestamps is not None and np.shape(timestamps) != users.shape:
            raise ValueError(
                f"timestamps must be one a pair, {users.size}, got shape "
                f"{np.shape(timestamps)}"
            )
        columns = context_columns(users.size, timestamps, context, bool(self.clock))
        values = self._design["context"]
        if unknown := set(columns) - set(values):
            raise ValueError(f"context has columns that fit had not: {sorted(unknown)}")
        return users, items, *context_codes(values, columns, users.size).T


def designed(model, train, movies, users, values, context):
    """Return the fields and the initial values of ``model`` as a dict of arrays.

    ``context`` holds the codes of the context fields of each rating of train, (n, C).
    """
    fields, described = SideFields(), []
    fields.add_side(train.n_users, user_fields(train, users, model.history))
    fields.add_side(train.n_items, item_fields(train, movies, model.raters))
    first = fields.n_features
    counts = np.zeros(first)
    for (n_rows, entries), codes in zip(
        fields.sides, (train.users, train.items), strict=True
    ):
        rated, seen = np.bincount(codes, minlength=n_rows), np.zeros(n_rows, bool)
        for number, (_, _, rows, features, x) in enumerate(entries):
            # n_a is the sum of x squared over the ratings, a count for a one-hot field.
            weights = x**2 * rated[rows]
            counts += np.bincount(features, weights, minlength=first)
            # Does the row have a feature besides its id that training has seen?
            seen[rows[counts[features] > 0]] |= number > 0
        described.append(seen)
    for name, kinds in values.items():
        fields.name(name, kinds)
    seen = context.ravel()
    rest = np.bincount(seen, minlength=fields.n_features - first + 1)[:-1]
    mean = train.values.mean()
    if model.loss == "logistic":
        mean = special.logit(np.clip(mean, 1e-3, 1 - 1e-3))
    return {
        "fields": fields.values,
        "sides": fields.sides,
        "told": described,
        "context": values,
        "counts": np.concatenate([counts, rest]),
        "mean": float(mean),
    }


def forward(network, codes):
    """Return the network's output, (n,) float64, in chunks."""
    parts = [
        network(codes[first : first + CHUNK], training=False).numpy()
        for first in range(0, len(codes), CHUNK)
    ]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)
