"""Orders: the log, its split, and what is counted from it."""

import pandas as pd

import recbook


def test_a_repeated_purchase_is_no_discovery():
    log = pd.DataFrame(
        {
            "who": ["007", "007", "008", "007"],
            "what": ["tea", "tea", "tea", "cup"],
            "day": ["2026-01-05", "2026-02-02", "2026-02-03", "2026-02-04"],
        }
    )
    orders = recbook.Orders.from_frame(log, customer="who", item="what", time="day")
    before, after = orders.split("2026-02-01")
    assert before.ratings().csr.shape == after.ratings().csr.shape == (2, 2)
    found = after.ratings(new_to=before).frame()
    assert found[["user_id", "movie_id"]].to_numpy().tolist() == [
        ["007", "cup"],
        ["008", "tea"],
    ]
    assert after.ratings().n_ratings == 3
