"""Small tables that several tests share."""

import numpy as np
import pandas as pd

from recbook import Ratings, datasets


def table(users, items, values, n_users, n_items):
    return Ratings(users, items, values, None, np.arange(n_users), np.arange(n_items))


def random_ratings(seed, n_users=9, n_items=7, share=0.5):
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n_users, n_items)) < share)
    return table(users, items, rng.integers(1, 6, users.size), n_users, n_items)


# For the sampler: Dee has rated nothing, nobody has rated Heat.
SMALL = {"n_factors": 2, "n_iterations": 25, "burn_in": 5}
TIMES = (2.0, 30.0)
TOY = datasets.load_toy()
TRAIN = TOY.subset((TOY.users != 3) & (TOY.items != 2))
MOVIES = pd.DataFrame(
    {"movie_id": TOY.item_ids, "year": [1979, 1984, 1984, 2009, 1995, 2017]}
)
USERS = pd.DataFrame({"user_id": TOY.user_ids, "gender": list("FMMFF")})
# At an event, between two, before the first, after the last, and Dee's: never.
ASKED = (
    np.array([0, 0, 1, 2, 4, 3, 3, 0]),
    np.array([0, 2, 4, 5, 1, 2, 0, 3]),
    np.array([TRAIN.timestamps[0], 3.5, -50, 21.25, 60, 7, 8, 4]),
)
