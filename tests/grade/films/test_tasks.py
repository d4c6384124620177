"""What is held out of a person's ratings, and the practice split."""

import numpy as np
import pandas as pd

from recbook import grade
from recbook.grade.commands import main
from recbook.grade.films.tasks import deal
from recbook.ratings import Ratings


def test_practice_from_pairs_to_score(fresh, tmp_path, capsys):
    pairs, mine = tmp_path / "pairs.csv", tmp_path / "mine.csv"
    assert main(["--pairs", str(pairs)]) == 0
    task = grade.practice()
    frame = pd.read_csv(pairs)
    assert frame.equals(task.pairs)
    users, items = task.codes
    assert (task.train.user_ids[users] == frame["user_id"]).all()
    assert (task.train.item_ids[items] == frame["movie_id"]).all()
    frame.assign(prediction=3.5).sample(frac=1, random_state=0).to_csv(
        mine, index=False
    )
    assert main([str(mine)]) == 0
    out = capsys.readouterr().out
    held = grade.practice_world().pairs.values
    assert f"RMSE {np.sqrt(np.mean((held - 3.5) ** 2)):.4f}" in out
    assert "Nothing of it is hidden" in out
    assert main(["--pairs", str(pairs)]) == 2, "no file is written over"


def test_deal_parts_each_persons_ratings():
    rng = np.random.default_rng(0)
    table = rng.integers(1, 6, size=(30, 40))
    users, items = np.nonzero(rng.random(table.shape) < 0.5)
    whole = Ratings(users, items, table[users, items], None, range(30), range(40))
    world = deal(whole, None, None, seed=3, name="small")
    parts = world.task.train, world.pairs, world.lists
    cells = [set(zip(p.users.tolist(), p.items.tolist(), strict=True)) for p in parts]
    assert sum(map(len, cells)) == len(set.union(*cells)) == whole.n_ratings
    for person in range(30):
        n = np.sum(users == person)
        held = [int(np.sum(p.users == person)) for p in parts]
        assert held == [
            round(0.7 * n),
            round(0.9 * n) - round(0.7 * n),
            n - round(0.9 * n),
        ]
    for part in parts:
        assert (part.csr.toarray()[part.users, part.items] == part.values).all()
        assert (np.diff(part.users * 40 + part.items) > 0).all(), "in order of the ids"
    again, other = (deal(whole, None, None, s, "small").pairs for s in (3, 4))
    assert again.items.tolist() == world.pairs.items.tolist() != other.items.tolist()
