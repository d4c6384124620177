"""Bayesian matrix factorization: the model that readers call."""

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
    if 0.0 in [check_number(name, constant, 0.0) for constant in time]:
        raise ValueError(f"{name} must hold seconds above 0, got {time!r}")


class BayesianMF(Recommender):
    r"""Matrix factorization by Gibbs sampling, with features, and time if asked.

    .. math::
        r_{ui}(t) = \mu + b_u + c_i + p_u^\top q_i + z_u(t) + \epsilon, \qquad
        \epsilon \sim N\bigl(0, 1 / (a_u g_i)\bigr)

    A user's whole row :math:`w_u = (b_u, p_u)` is the sum of the rows of what is known
    of the user, and a film's :math:`h_i = (c_i, q_i)` likewise,

    .. math::
        w_u = \sum_d X_{ud}\, v_d, \qquad
        v_{df} \sim N(m_{gf},\, 1 / l_{gf}) ,

    where d runs over the user itself, the films that it rated in train
    (:math:`X_{ud} = 1 / \sqrt{n_u}`), age band, gender, occupation and region; and for
    films over the film, who rated it, its year and its genres. Columns of one group g
    share a prior, a mean and a precision for each coordinate f, drawn as well:
    :math:`l_{gf} \sim \Gamma(\frac12, \frac{b_0}{2})`,
    :math:`m_{gf} \sim N(0, 1 / l_{gf})`, in units of train's deviation.

    Time is a sum of stationary Ornstein-Uhlenbeck chains on each user's own timeline,
    one for each time constant :math:`\tau`,

    .. math::
        z_u(t) = \sum_\tau x_\tau(t), \qquad
        \operatorname{cov}\bigl(x_\tau(t), x_\tau(t')\bigr)
        = \frac{1}{\alpha_{u\tau}} e^{-|t - t'| / \tau} .

    The precisions :math:`a_u`, and :math:`\alpha_{u\tau}` for each :math:`\tau`, are
    gamma variables about a common level, itself drawn; :math:`g_i` about 1. A sweep
    draws, each given all the rest: the noise; :math:`\mu`; the users' groups and
    columns, the whole vector of a column at once; the films'; the chains, by forward
    filtering and backward sampling; their variances.

    Predictions are means over the draws kept, of all the runs. They lean on train and
    on the pair's own user, film and timestamp, on no other pair. People rate in bursts:
    a rating's own second says much about it. Of a timestamp between two events of train
    z knows what came after, too, which no live system has; that asks for "now", after
    the last event, and on MovieLens 100K only minutes after it a gain was seen.

    Parameters
    ----------
    n_factors : int
        Length k of :math:`p_u` and :math:`q_i`.
    n_iterations, burn_in : int
        Sweeps of each run, and how many of them are thrown away at first.
    n_chains : int
        Independent runs, blended with equal weights.
    history, raters : bool
        Whether the films that a user rated in train are columns of the user's, and
        those who rated a film columns of the film's.
    noise : {"both", "user", "shared"}
        Whose the noise is: each user's and each film's, each user's alone
        (:math:`g_i = 1`), or one for all.
    time : sequence of float, or None
        Time constants :math:`\tau` in seconds; None: no :math:`z`.
    prior : float
        :math:`b_0`. Small values let a group of columns say little.
    init_std : float
        Standard deviation of the columns' vectors at the start. From a small one the
        tastes of ids take tens of sweeps to leave 0, with a small ``prior`` hundreds.
    seed, verbose
        Seed of all draws; whether progress is shown.

    Attributes
    ----------
    chains_ : list of Draws
        A finished run each: ``P`` (n_users, S, k) and ``Q`` (n_items, S, k), all S
        draws, float32, and for deviations a tenth of them whole. Under 4.4 (k + 2)
        bytes a draw for each user and item, and with ``time`` .4 C for each second in
        which somebody rated: on MovieLens 100K 360 draws of 10 factors take 42 MB a
        run, 65 with three time constants; three runs of 24 factors, 371.
    mu_, bu_, bi_ : float, (n_users,) and (n_items,) arrays
        What a stranger is predicted on a film that nobody rated, of whom and of which
        nothing is known; what each user, and each film, is predicted more when the
        other side is such a stranger.
    trace_ : dict of str to (number of chains, n_iterations) array
        ``rmse`` on train; ``noise``, the root of the mean variance; ``level``, the mean
        of all cells; ``taste``, the root mean square of all :math:`p_u^\top q_i` about
        their rows' and columns' means. See :func:`r_hat`.
    features_ : dict of str to list
        For ``"users"`` and ``"movies"``, (name, values) of each group of columns.

    Raises
    ------
    ValueError
        From fit, naming the argument and its value; with ``time`` also where train has
        no timestamps.

    Notes
    -----
    Without ratings a user or a film has the mean of its group, plus what is known of
    it. An id that a table lacks, and a missing value, says nothing of that kind.
    An interrupt (KeyboardInterrupt) loses the run it falls in, alone: with those that
    have finished the model is fitted before the interrupt goes on.

    References
    ----------
    Salakhutdinov & Mnih, "Bayesian Probabilistic Matrix Factorization using Markov
    Chain Monte Carlo", ICML 2008. Freudenthaler, Schmidt-Thieme & Rendle, "Bayesian
    Factorization Machines", NIPS workshop 2011. Rendle, Zhang & Koren, "On the
    Difficulty of Evaluating Baselines", 2019.

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

    def fit(self, train, movies=None, users=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        ``movies`` and ``users`` are DataFrames with the columns movie_id and user_id,
        such as ``MovieLens.movies`` and ``MovieLens.users``; what they tell is columns.
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
        """Put what was learned into the attributes."""
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
        """Return the posterior mean of each pair's rating, (n,) float64, in stars.

        Clipped, at the very end, to the lowest and highest rating of train.

        Parameters
        ----------
        users, items : (n,) int arrays
            Codes.
        timestamps : (n,) int array, optional
            Second of each event; "now" where it is still to come. Without them, z is
            at its mean, 0. A model without ``time`` does not read them.
        return_std : bool
            Whether to return (means, stds): the standard deviation, (n,), of the rating
            to come, not clipped: of parameters and z, and the rating's own noise.
        """
        check_fitted(self, "chains_")
        users, items = check_pairs(users, items, self.bu_.size, self.bi_.size)
        bridge = self._bridge(users, timestamps)
        found = np.clip(self._blend("means", users, items, bridge), *self.scale_)
        if not return_std:
            return found
        first, second = self._blend("moments", users, items, bridge)
        return found, np.sqrt(second - first**2)

    def _blend(self, name, *asked):
        """Return the mean of the chains' answers, added up one chain after the other.

        np.mean would take other orders for one pair than for many.
        """
        answers = [np.asarray(getattr(c, name)(*asked)) for c in self.chains_]
        return sum(answers[1:], start=answers[0]) / len(answers)

    def _bridge(self, users, timestamps):
        """Return what ties each pair to its user's timeline; None without time."""
        if self._timeline is None:
            return None
        if timestamps is None:
            nodes, weights = np.zeros(users.size, int), np.zeros((users.size, 1))
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

    def scores(self, users):
        """Return the means before clipping, (len(users), n_items) float64; z is 0."""
        check_fitted(self, "chains_")
        users = check_codes("users", users, self.bu_.size)
        return self._blend("table", users)
