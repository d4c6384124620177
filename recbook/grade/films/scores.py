"""Grade what was handed in: a score, its interval, and the baselines beside it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from recbook.evaluation.significance import interval_of_rmse
from recbook.grade.files import (
    Refused,
    check_no_repeats,
    named,
    read_columns,
    stars,
    whole_numbers,
)
from recbook.grade.films.noise import noise_in_predictions, remark

__all__ = ["Score", "grade"]

N_RESAMPLES = 2000
# Of the best baseline's error. The book's best models come to .95 to .97 in worlds of
# several seeds and on MovieLens, and a blend of six of them, weighted by the answers
# themselves, never below .96 (data/results/projects.csv). A tenth of each answer mixed
# into the baseline comes to .90, a twentieth to .95: where the noise is known, it sees
# those.
TOO_GOOD = 0.92
SCORE_WEIGHT = 2  # points of the rubric for each mark of 1 to 5
_PAIR = ["user_id", "movie_id"]


@dataclass(frozen=True, eq=False)
class Score:
    """The grade of one file.

    Parameters
    ----------
    name : str
        Name of the file or the baseline.
    measures : dict of str to float
        The first is the score: "RMSE" and "MAE", or "nDCG@10".
    interval : (float, float)
        95 % interval of the score, from resampled people.
    people : (n_people,) float64 array
        One value per person. Their mean is the score, or for RMSE its square. NaN if
        a person has nothing to be graded by.
    sizes : (n_people,) float64 array, optional
        Each person's share of the pairs, with mean 1. By default all are equal.
    baselines : list of Score
        The grades of the baselines.
    remarks : list of str
        What a teacher should ask about.
    departures : (n,) float64 array, optional
        Predictions less those of the best baseline, by which copies are found.

    Examples
    --------
    >>> Score("a.csv", {"RMSE": 0.9}, (0.89, 0.91), np.array([0.8, 0.82])).value
    0.9
    """

    name: str
    measures: dict
    interval: tuple
    people: np.ndarray = field(repr=False)
    sizes: np.ndarray | None = field(default=None, repr=False)
    baselines: list = field(default_factory=list, repr=False)
    remarks: list = field(default_factory=list)
    departures: np.ndarray | None = field(default=None, repr=False)

    @property
    def value(self):
        """The score itself."""
        return next(iter(self.measures.values()))

    @property
    def errs(self):
        """Whether less is better."""
        return "RMSE" in self.measures

    def gain_over(self, other):
        """Return by how much this beats another, and its 95 % interval, as 3 floats.

        People are drawn anew, the same for both, so what makes a person hard for
        both drops out: the interval is much narrower than those of the two scores.
        """
        graded = ~np.isnan(self.people)
        sizes = np.ones(len(graded)) if self.sizes is None else self.sizes
        n = int(graded.sum())
        drawn = np.vstack([np.ones(n), drawn_people(n)])  # as they are, then drawn
        total = drawn @ sizes[graded]
        mine, theirs = (drawn @ s.people[graded] / total for s in (self, other))
        gap = np.sqrt(theirs) - np.sqrt(mine) if self.errs else mine - theirs
        return float(gap[0]), *middle(gap[1:])

    @property
    def rivalry(self):
        """What forecasts are ranked by, the less the better; NaN without one."""
        return np.nan

    def headline(self):
        """Return the score with its interval, in words."""
        said = ", ".join(f"{name} {value:.4f}" for name, value in self.measures.items())
        low, high = self.interval
        return f"{said} (95 % interval of the first {low:.4f} to {high:.4f})"

    def columns(self):
        """Return what a spreadsheet has besides, name to cell."""
        return {}

    def points(self):
        """Return the points of the rubric that are computed, name to (points, of)."""
        if not (self.errs and self.baselines):
            return {}
        low, high = gain(self)[2:]
        mark = 5 if low > 0 else 3 if high >= 0 else 1
        return {"The score": (SCORE_WEIGHT * mark, 5 * SCORE_WEIGHT)}

    def forecasts(self):
        """Return a sentence on each forecast."""
        return []

    def gained(self):
        """Say how this stands to the best baseline, with the interval of the gain."""
        best, value, low, high = gain(self)
        word = "better" if low > 0 else "worse" if high < 0 else "no different"
        return (
            f"Gain over the best baseline, {best}: {value:+.4f} ({low:+.4f} to "
            f"{high:+.4f}), so {word}."
        )

    def report(self):
        """Return the lines to print."""
        rows = [self, *sorted(self.baselines, key=lambda b: b.value, reverse=self.errs)]
        names = [named(row.name)[1:-1] for row in rows]
        width = max(map(len, names))
        lines = []
        for row, name in zip(rows, names, strict=True):
            numbers = "   ".join(f"{m} {v:.4f}" for m, v in row.measures.items())
            low, high = row.interval
            lines.append(f"{name:<{width}}   {numbers}   ({low:.4f} to {high:.4f})")
        lines.append("In brackets: a 95 % interval of the first, people drawn anew.")
        return "\n".join([*lines, *self.remarks])


def grade(path, answers):
    r"""Grade a file of predictions.

    The score is the RMSE over all pairs. Its interval resamples people with all their
    pairs, because the errors of one person are related.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with the header user_id,movie_id,prediction. It holds each
        requested pair once and no other, in any order, with predictions from 1 to 5.
    answers : Answers
        As from :func:`recbook.grade.read_answers` or :meth:`World.answers`.

    Returns
    -------
    Score

    Raises
    ------
    Refused
        The message names row, column, value and the way out.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from recbook.grade import read_answers
    >>> with TemporaryDirectory() as folder:
    ...     truth, mine = Path(folder, "answers.csv"), Path(folder, "mine.csv")
    ...     _ = truth.write_text("user_id,movie_id,rating\n1,7,5\n2,7,3\n")
    ...     _ = mine.write_text("user_id,movie_id,prediction\n2,7,3\n1,7,4\n")
    ...     grade(mine, read_answers(truth)).measures["MAE"]
    0.5
    """
    predicted = read_predictions(path, answers)
    people = np.unique(answers.users, return_inverse=True)[1]
    baselines = [
        _rated(name, values, answers.stars, people)
        for name, values in answers.baselines.items()
    ]
    best = min((b.value for b in baselines), default=np.inf)
    # Beside the best baseline, not beside the stars, whose noise all errors share.
    beside_it = next(
        (answers.baselines[b.name] for b in baselines if b.value == best), answers.stars
    )
    score = replace(
        _rated(Path(path).name, predicted, answers.stars, people),
        baselines=baselines,
        departures=predicted - beside_it,
    )
    score.remarks.extend(_suspicions(score, predicted, answers, best))
    if score.baselines:
        score.remarks.append(score.gained())
    return score


def _suspicions(score, predicted, answers, best):
    """Yield what a teacher should ask about."""
    if np.array_equal(predicted, answers.stars):
        yield (
            "Too good: every prediction equals the answer, below the noise of the "
            "data. People are not that regular: ask where the numbers are from."
        )
        return
    if score.value < TOO_GOOD * best and np.isfinite(best):
        yield (
            f"Too good: {1 - score.value / best:.0%} below the best baseline, where "
            "the book's best models are 5 % below it at most. Ask how it was made."
        )
    if answers.noise is not None:
        known = list(answers.baselines.values())
        yield from remark(noise_in_predictions(predicted, known, answers.noise))


def read_predictions(path, answers):
    """Read a file of predictions, (n,) float64 in the order of the answers."""
    fields, places = read_columns(path, [*_PAIR, "prediction"])
    ids = [whole_numbers(name, fields[name], places) for name in _PAIR]
    values = stars("prediction", fields["prediction"], places)
    keys = np.stack(ids, axis=1)
    place_of = check_no_repeats(_PAIR, keys, places)
    pairs = list(zip(answers.users.tolist(), answers.movies.tolist(), strict=True))
    known = set(pairs)
    for key, t in place_of.items():
        if key not in known:
            extra = sum(k not in known for k in place_of)
            raise Refused(
                f"{places[t]}: user_id {key[0]} with movie_id {key[1]} is not a pair "
                f"to predict of {answers.name} ({extra} such rows); predict the pairs "
                "that were handed out, and no others"
            )
    missing = [key for key in pairs if key not in place_of]
    if missing:
        raise Refused(
            f"{len(missing)} of {len(pairs)} pairs are missing, the first user_id "
            f"{missing[0][0]} with movie_id {missing[0][1]}; predict every pair, the "
            "mean of all ratings where you know no better"
        )
    return values[[place_of[key] for key in pairs]]


def _rated(name, predicted, truth, people):
    """Score predictions against the stars."""
    error = predicted - truth
    squares = np.bincount(people, weights=error**2)
    n = np.bincount(people)
    interval = interval_of_rmse(error, people)
    measures = {
        "RMSE": float(np.sqrt(np.mean(error**2))),
        "MAE": float(np.mean(np.abs(error))),
    }
    scale = len(n) / len(truth)
    return Score(name, measures, interval, squares * scale, n * scale)


def drawn_people(n_people):
    """How often each draw takes each person, (N_RESAMPLES, n_people)."""
    rng = np.random.default_rng(0)
    return rng.multinomial(n_people, np.full(n_people, 1 / n_people), N_RESAMPLES)


def middle(values):
    """Ends of the middle 95 %."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def gain(score):
    """Return the name of the best baseline, the gain over it, and its interval."""
    pick = min if score.errs else max
    best = pick(score.baselines, key=lambda b: b.value)
    return best.name, *score.gain_over(best)
