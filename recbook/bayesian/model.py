"""Bayesian matrix factorization: the model class."""

from typing import Self

import numpy as np

from recbook._core.validate import check_codes, check_fitted, check_number, check_pairs
from recbook.base import (
    Range,
    Recommender,
    above,
    anything,
    check_ratings,
    check_settings,
    check_train,
    count,
    one_of,
    optional,
)
from recbook.bayesian.drift import Timeline
from recbook.bayesian.features import sides
from recbook.bayesian.gibbs import Chain
from recbook.bayesian.posterior import run_chain

__all__ = ["BayesianMF"]


def _check_time(name, time):
    """Raise a ValueError unless ``time`` is a tuple of seconds above 0."""
    if not isinstance(time, list | tuple) or not time:
        raise ValueError(
            f"{name} must be a tuple of seconds, such as (60.0, 3600.0), or None, "
            f"got {time!r}"
        )
    for constant in time:
        check_number(f"each of {name}", constant, above=0)


class BayesianMF(Recommender):
    r"""Predict stars by matrix factorization, sampled with a Gibbs sampler.

    .. math::
        r_{ui}(t) = \mu + b_u + c_i + p_u^\top q_i + z_u(t) + \epsilon, \qquad
        \epsilon \sim N\bigl(0, 1 / (a_u g_i)\bigr)

    :math:`\mu` is a common level, :math:`b_u` and :math:`c_i` are biases, :math:`p_u`
    and :math:`q_i` are vectors of ``n_factors`` numbers, :math:`z_u(t)` is the user's
    drift in time, and :math:`a_u g_i` is the precision of the noise. No loss is
    minimised: the sampler draws all unknowns from their posterior distribution, and a
    prediction is a mean over the draws.

    The row :math:`w_u = (b_u, p_u)` of a user is a sum over the user's features,

    .. math::
        w_u = \sum_d X_{ud}\, v_d, \qquad
        v_{df} \sim N(m_{gf},\, 1 / l_{gf}) .

    The features d are the user's id, the items that the user rated in train
    (:math:`X_{ud} = 1 / \sqrt{n_u}` with :math:`n_u` ratings), age band, gender,
    occupation and region. The row :math:`h_i = (c_i, q_i)` of an item is a sum over the
    item's id, the users who rated it, its year and its genres. All features of one
    group g share a prior with one mean and one precision for each coordinate f, which
    are sampled too: :math:`l_{gf} \sim \Gamma(\frac12, \frac{b_0}{2})` and
    :math:`m_{gf} \sim N(0, 1 / l_{gf})`, in units of the standard deviation of train.

    The drift is a sum of stationary Ornstein-Uhlenbeck chains on the user's own
    timeline, one for each time constant :math:`\tau`,

    .. math::
        z_u(t) = \sum_\tau x_\tau(t), \qquad
        \operatorname{cov}\bigl(x_\tau(t), x_\tau(t')\bigr)
        = \frac{1}{\alpha_{u\tau}} e^{-|t - t'| / \tau} .

    The precisions :math:`a_u`, and :math:`\alpha_{u\tau}` for each :math:`\tau`, have
    gamma priors with a common level that is sampled too. The :math:`g_i` have level 1.
    One sweep draws each block of unknowns given all others: the noise, :math:`\mu`, the
    users' groups and features, the items' groups and features, the chains in time (by
    forward filtering and backward sampling) and their variances.

    A prediction uses train and the pair's own user, item and timestamp, but no other
    pair. Users rate in bursts, so the second of a rating says much about it. For a time
    between two training events, z also uses later ratings, which a live system would
    not have. A live system asks about the time after the user's last event. On
    MovieLens 100K, drift helped there only within minutes.

    A user or an item without ratings gets its group's mean, plus what its other
    features say. An id that a side table lacks, or a missing value, adds nothing.

    Parameters
    ----------
    n_factors : int
        Length k of :math:`p_u` and :math:`q_i`.
    n_iterations : int
        Number of sweeps in each run.
    burn_in : int
        Number of first sweeps in each run that are discarded.
    n_chains : int
        Number of independent runs. Predictions average them with equal weights.
    history : bool
        Whether the items that a user rated in train are features of the user.
    raters : bool
        Whether the users who rated an item in train are features of the item.
    noise : {"both", "user", "shared"}
        Which noise levels are learned: per user and per item, per user
        (:math:`g_i = 1`), or one for all ratings.
    time : sequence of float, optional
        Time constants :math:`\tau` of the drift, in seconds. By default there is no
        :math:`z`.
    prior : float
        Scale :math:`b_0 > 0` of the prior. With small values a group of features may
        have little influence.
    init_std : float
        Standard deviation of the features' initial vectors. From small values it takes
        tens of sweeps until the factors leave 0, or hundreds with a small ``prior``.
    seed : int
        Seeds all draws.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    chains_ : list of Draws
        The draws of each finished run: ``P`` (n_users, S, k) and ``Q`` (n_items, S, k)
        hold all S kept draws in float32, and a tenth of the draws is kept in full for
        the standard deviations. A draw takes less than 4.4 (k + 2) bytes per user and
        item. With ``time``, each distinct second in which a user rated adds 0.4 bytes
        per draw and time constant. On MovieLens 100K, 360 draws of 10 factors take
        42 MB per run, and 65 MB with three time constants.
    mu_ : float
        Prediction for a new user and a new item without any features.
    bu_ : (n_users,) float64 array
        What each user's prediction adds to ``mu_`` on such an item.
    bi_ : (n_items,) float64 array
        What each item's prediction adds to ``mu_`` for such a user.
    trace_ : dict of (n_chains, n_iterations) arrays
        Four numbers of each sweep, for :func:`recbook.bayesian.r_hat`: ``"rmse"`` on
        train, ``"noise"``, the root of the mean noise variance, ``"level"``, the mean
        prediction over all cells, and ``"taste"``, the root mean square of all
        :math:`p_u^\top q_i` after subtracting row and column means.
    features_ : dict of lists
        For ``"users"`` and ``"movies"``, the (name, values) of each group of features.

    Raises
    ------
    ValueError
        In ``fit``, for an invalid argument, which the message names, or if ``time`` is
        given and train has no timestamps.

    Notes
    -----
    A KeyboardInterrupt loses only the current run. The model keeps the finished runs.

    The features, the noise levels and the drift are not in the first paper. The
    features follow the second one.

    References
    ----------
    Salakhutdinov & Mnih, "Bayesian Probabilistic Matrix Factorization using Markov
    Chain Monte Carlo", ICML 2008.

    Freudenthaler, Schmidt-Thieme & Rendle, "Bayesian Factorization Machines", NIPS
    workshop 2011.

    Rendle, Zhang & Koren, "On the Difficulty of Evaluating Baselines", 2019.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> model = BayesianMF(n_factors=2, n_iterations=200).fit(load_toy())
    >>> (cem_dune, cem_babe), stds = model.predict([2, 2], [1, 5], return_std=True)
    >>> bool(cem_dune > cem_babe), bool((stds > 0).all())
    (True, True)
    """

    def __init__(
        self,
        n_factors=10,
        n_iterations=400,
        burn_in=40,
        n_chains=1,
        history=True,
        raters=True,
        noise="both",
        time=None,
        prior=0.01,
        init_std=0.3,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_iterations = n_iterations
        self.burn_in = burn_in
        self.n_chains = n_chains
        self.history = history
        self.raters = raters
        self.noise = noise
        self.time = time
        self.prior = prior
        self.init_std = init_std
        self.seed = seed
        self.verbose = verbose

    _fitted = "chains_"
    _ranges = {
        "burn_in": count(0),
        "n_chains": count(),
        "history": anything(),
        "raters": anything(),
        "noise": one_of("both", "user", "shared"),
        "time": optional(
            Range(_check_time, ("minutes", 60.0, (60.0, 0.0), [-1.0], (np.nan,)))
        ),
        "prior": above(0),
    }

    @property
    def _shape(self):
        return self.bu_.size, self.bi_.size

    def fit(self, train, movies=None, users=None) -> Self:
        """Fit the model to the training ratings and return it.

        Parameters
        ----------
        train : Ratings
            The training ratings.
        movies : DataFrame, optional
            Features of items, such as ``MovieLens.movies``, with a column movie_id.
        users : DataFrame, optional
            Features of users, such as ``MovieLens.users``, with a column user_id.
        """
        train = check_train(train)
        self._check(train)
        timeline = None
        if self.time is not None:
            timeline = Timeline(train.users, train.timestamps, train.n_users, self.time)
        both = sides(train, movies, users, self.history, self.raters)
        mean, unit = train.values.mean(), train.values.std() or 1.0
        values = (train.values - mean) / unit
        finished, interrupt = [], None
        for seed in np.random.SeedSequence(self.seed).spawn(self.n_chains):
            rng = np.random.default_rng(seed)
            try:
                chain = Chain(self, train, values, both, timeline, rng)
                finished.append(run_chain(self, chain, mean, unit))
            except KeyboardInterrupt as error:
                interrupt = error
                break
        if finished:
            self._keep(finished, train, timeline, both)
        if interrupt is not None:
            has = f"has the {len(finished)} before" if finished else "is as it was"
            interrupt.add_note(
                f"chain {len(finished) + 1} of {self.n_chains} is lost; the model {has}"
            )
            raise interrupt
        return self

    def _check(self, train):
        """Raise a ValueError for the first setting out of its range."""
        check_settings(self)
        check_ratings(train)
        if self.burn_in >= self.n_iterations:
            raise ValueError(
                f"burn_in={self.burn_in} leaves no draw of "
                f"n_iterations={self.n_iterations}; make it smaller"
            )
        if self.time is not None and train.timestamps is None:
            raise ValueError(
                f"time={self.time!r} reads train.timestamps, which are None; "
                "give them, or fit with time=None"
            )

    def _keep(self, finished, train, timeline, both):
        """Set the learned attributes from the finished runs."""
        self.chains_ = [draws for draws, _ in finished]
        traces = [trace for _, trace in finished]
        self.trace_ = {name: np.array([t[name] for t in traces]) for name in traces[0]}
        self.features_ = {"users": both[0].names, "movies": both[1].names}
        self.mu_, self.bu_, self.bi_ = (
            np.mean([getattr(draws, name) for draws in self.chains_], axis=0)
            for name in ("mu", "bu", "bi")
        )
        self.scale_ = train.values.min(), train.values.max()
        self._timeline = timeline

    def predict(self, users, items, timestamps=None, return_std=False):
        """Return the posterior mean of each pair's rating.

        Parameters
        ----------
        users, items : (n,) int arrays
            Codes of the pairs.
        timestamps : (n,) int array, optional
            Second of each rating, or the current time for a rating still to come.
            Without timestamps z is 0. A model without ``time`` ignores them.
        return_std : bool
            Whether to return (means, stds). A std is the standard deviation of the
            future rating, not clipped: it covers the parameters, z and the noise.

        Returns
        -------
        (n,) float64 array, or two of them
            Stars, clipped to the lowest and highest rating of train.
        """
        check_fitted(self, "chains_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        bridge = self._bridge(users, timestamps)
        means = np.clip(self._blend("means", users, items, bridge), *self.scale_)
        if not return_std:
            return means
        first, second = self._blend("moments", users, items, bridge)
        return means, np.sqrt(second - first**2)

    def _blend(self, name, *query):
        """Return the mean of the chains' answers, summed chain by chain.

        np.mean would sum in another order for one pair than for many.
        """
        answers = [np.asarray(getattr(c, name)(*query)) for c in self.chains_]
        return sum(answers[1:], start=answers[0]) / len(answers)

    def _bridge(self, users, timestamps):
        """Return what ties each pair to its user's timeline, or None without time."""
        if self._timeline is None:
            return None
        if timestamps is None:
            nodes, weights = np.zeros(users.size, np.int64), np.zeros((users.size, 1))
            return nodes, nodes, weights, weights, 1.0 - weights
        timestamps = np.asarray(timestamps)
        if timestamps.shape != users.shape:
            raise ValueError(
                f"timestamps must be one a pair, {users.size}, got shape "
                f"{timestamps.shape}"
            )
        if not (np.issubdtype(timestamps.dtype, np.number)
                and np.isfinite(timestamps).all()):  # fmt: skip
            raise ValueError(f"timestamps must be seconds, got {timestamps!r}")
        return self._timeline.bridge(users, timestamps)

    def scores(self, users) -> np.ndarray:
        """Return the predictions for all items, without clipping and with z at 0.

        Parameters
        ----------
        users : (n,) int array
            User codes.

        Returns
        -------
        (n, n_items) float64 array
            One row for each user.
        """
        check_fitted(self, "chains_")
        users = check_codes("users", users, self.bu_.size)
        return self._blend("table", users)
