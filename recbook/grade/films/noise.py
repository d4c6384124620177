"""The part of each hidden rating that nobody can know, and files that know it.

A world draws a noise of mean 0 for each rating, and nothing that students get depends
on that of a hidden one. So predictions made from what was handed out are uncorrelated
with it, whatever the model. Those that hold some of the answers are not.
"""

import numpy as np

from recbook.synthetic.draw import normal

__all__ = ["drawn_noise", "noise_in_lists", "noise_in_predictions", "remark"]

# Standard errors. An honest file is above it by chance once in 30,000, as the noise is
# independent with mean 0. What it sees of files that hold some of the answers is on
# record in data/results/projects.csv.
FAR = 4.0


def drawn_noise(rng, n_ratings):
    """Return the noise of each rating, in the order of ``Synthetic.table``.

    Parameters
    ----------
    rng : numpy.random.Generator
        That :func:`recbook.synthetic.generate` has just drawn from. The noise is the
        last that it draws, twelve numbers for each rating, before it shuffles the rows
        by one number for each: so the stream is wound back by thirteen.
    n_ratings : int
        Length of the table.

    Returns
    -------
    (n_ratings,) array
        Mean 0 and variance 1.
    """
    rng.bit_generator.advance(-13 * n_ratings)
    noise = normal(rng, n_ratings)
    return noise[np.argsort(rng.random(n_ratings), kind="stable")]


def noise_in_predictions(predicted, baselines, noise):
    r"""Return how far predictions go along with the noise, in standard errors.

    .. math:: z = \frac{\sum_i d_i\, \varepsilon_i}{\sqrt{\sum_i d_i^2}}

    with d what is left of the predictions after a regression on the baselines, which
    makes the test sharper. Given d, z has mean 0 and variance 1 if the file is honest.

    Parameters
    ----------
    predicted : (n,) array
        What was handed in.
    baselines : list of (n,) arrays
        Predictions that know no noise.
    noise : (n,) array
        Mean 0 and variance 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(10_000)
    >>> honest = np.random.default_rng(1).standard_normal(10_000)
    >>> round(noise_in_predictions(honest, [], noise))
    0
    >>> round(noise_in_predictions(honest + 0.1 * noise, [], noise))
    9
    """
    known = np.column_stack([np.ones(len(predicted)), *baselines])
    d = predicted - known @ np.linalg.lstsq(known, predicted, rcond=None)[0]
    size = np.sqrt(np.sum(d**2))
    is_baseline = size <= 1e-9 * np.sqrt(len(d))
    return 0.0 if is_baseline else float(d @ noise / size)


def noise_in_lists(ranked, held, noise):
    """Return how far lists go along with the noise of held-out ratings they hit.

    Parameters
    ----------
    ranked : (n_users, K) int array
        Films of each person's list, as codes.
    held : Ratings
        Held-out ratings.
    noise : (n_ratings,) array
        Of each of them.

    Returns
    -------
    float
        Standard errors. Which films somebody has rated does not depend on the noise.
    """
    of = np.full((held.n_users, held.n_items), np.nan)
    of[held.users, held.items] = noise
    hit = np.take_along_axis(of, ranked, axis=1)
    hit = hit[~np.isnan(hit)]
    return float(hit.sum() / np.sqrt(hit.size)) if hit.size else 0.0


def remark(z):
    """Return a list: what a teacher should ask where z is too far, else nothing.

    >>> remark(1.5), remark(9.7)[0][:18]
    ([], 'Too good (z = 9.7)')
    """
    if z <= FAR:
        return []
    return [
        f"Too good (z = {z:.1f}): it goes along with the chance in the hidden ratings, "
        "which no model can know. Of 30,000 honest files one is above 4. Ask where the "
        "numbers are from."
    ]
