"""What the tests of grading share: files that a class hands in, and their answers."""

import contextlib
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest

from recbook import grade, synthetic

HEAD = "user_id,movie_id,prediction\n"
ROWS = ["1,10,5", "1,20,3", "2,10,4", "2,30,1.5", "3,20,2e0"]
TRUTH = """user_id,movie_id,rating,bias
1,10,4,4
1,20,3,4
2,10,4,3
2,30,1,2
3,20,4,3
"""

PLAN_HEAD = "customer_id,action\n"
PLAN = ["1,letter", "2,email", "3,nothing", "9,email"]
PLAN_TRUTH = """customer_id,email,letter,everybody,idle
1,.05,1.0,email,nothing
2,.25,.2,email,nothing
3,-.5,.9,email,nothing
9,.1,,email,nothing
"""


def file_of(rows):
    return HEAD + "".join(f"{row}\n" for row in rows)


def plan_of(rows):
    return PLAN_HEAD + "".join(f"{row}\n" for row in rows)


def assert_refused(told, words):
    """Status, output and error of a command are a refusal in one sentence."""
    status, out, err = told
    assert (status, out) == (2, "")
    assert words in err
    assert "mine.csv' was not graded: " in err
    assert err.count("\n") == 1, "one sentence"
    assert len(err) < 500
    assert err.strip().isprintable(), "what a file says is escaped"


def lists_file(path, task, ranked):
    users = np.repeat(task.train.user_ids, ranked.shape[1])
    ranks = np.tile(np.arange(1, ranked.shape[1] + 1), len(ranked))
    films = task.train.item_ids[ranked].ravel()
    frame = pd.DataFrame({"user_id": users, "rank": ranks, "movie_id": films})
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    return frame


def hand_in(folder, **files):
    """Write files of predictions for 200 people of 5 pairs; return the judge."""
    frame = pd.DataFrame({"user_id": np.repeat(np.arange(200), 5)})
    frame["movie_id"] = np.arange(1000)
    rng = np.random.default_rng(0)
    stars = rng.integers(2, 5, size=1000)
    frame.assign(rating=stars, bias=3.0).to_csv(folder / "truth.txt", index=False)
    (folder / "in").mkdir()
    for name, error in files.items():
        values = np.clip(stars + error * rng.choice([-1, 1], size=1000), 1, 5)
        frame.assign(prediction=values).to_csv(
            folder / "in" / f"{name}.csv", index=False
        )
    truth = grade.read_answers(folder / "truth.txt")
    return lambda path: grade.grade(path, truth)


@contextlib.contextmanager
def small_worlds():
    """Make worlds small."""
    sizes = {"n_users": 150, "n_items": 250, "n_ratings": 7000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "generate", partial(synthetic.generate, **sizes))
        yield


def small_campaign(folder, seed=None):
    """Make a small campaign; the command makes the same with 100,000 customers."""
    with warnings.catch_warnings():  # of 360 people in an arm hardly any order
        warnings.filterwarnings("ignore", "y is 1 for")
        return grade.new_campaign(folder, seed, 4000)
