"""Lists of ten, by held-out films of four stars, and lists that are refused."""

import numpy as np
import pytest
from handed_in import lists_file
from scipy import sparse

from recbook import grade, metrics
from recbook.grade.commands import main


def test_lists_are_graded_by_held_out_films_of_four_stars(ten, world, tmp_path, capsys):
    both, ranked = ten
    path = tmp_path / "lists.csv"
    lists_file(path, both.task, ranked)
    score = grade.grade_lists(path, both)
    liked = both.lists.csr.toarray() >= 4
    values = metrics.ndcg(ranked, sparse.csr_array(liked), 10)
    assert score.measures == {"nDCG@10": pytest.approx(np.nanmean(values))}
    names = {b.name: b.value for b in score.baselines}
    assert names["ease"] > names["popularity"] > score.value
    given = [str(path), "--lists", "--answers", str(world / "answers.csv")]
    assert main(given) == 0
    assert f"nDCG@10 {score.value:.4f}" in capsys.readouterr().out


def test_perfect_lists_are_flagged(ten, tmp_path):
    both, _ = ten
    score = both.lists.csr.toarray() - both.task.train.csr.toarray() * 9
    score = score - both.pairs.csr.toarray() * 9
    best = np.argsort(-score, axis=1, kind="stable")[:, :10]
    lists_file(tmp_path / "lists.csv", both.task, best)
    perfect = grade.grade_lists(tmp_path / "lists.csv", both)
    assert perfect.value == 1
    assert any("Too good" in remark for remark in perfect.remarks)


def test_table_of_lists(ten, world, tmp_path, capsys):
    both, ranked = ten
    (tmp_path / "in").mkdir()
    lists_file(tmp_path / "in" / "ann.csv", both.task, ranked)
    lists_file(tmp_path / "in" / "bob.csv", both.task, ranked)
    given = ["--lists", "--answers", str(world / "answers.csv")]
    assert main(["--table", str(tmp_path / "in"), *given]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:5]]
    assert [row[1] for row in rows] == ["(ease)", "(popularity)", "ann.csv", "bob.csv"]
    assert rows[3][0] == "3="
    assert "the same errors as ann.csv" in " ".join(rows[3])


@pytest.mark.parametrize("kind", ["train", "pairs", "film", "person", "rank", "gone"])
def test_lists_refused(ten, tmp_path, kind):
    both, ranked = ten
    frame = lists_file(tmp_path / "lists.csv", both.task, ranked)
    train, pairs = both.task.train, both.pairs
    wrong, words = {
        "train": (train.item_ids[train.items[0]], "is one that user_id 1 has rated"),
        "pairs": (pairs.item_ids[pairs.items[0]], "is one that user_id 1 has rated"),
        "film": (9999, "movie_id is 9999, no film of the data"),
        "person": (9999, "user_id is 9999, nobody of the data"),
        "rank": (11, "rank is 11, outside of 1 to 10"),
        "gone": (None, "rank 1 of user_id 1 is missing (1 such places)"),
    }[kind]
    column = {"person": "user_id", "rank": "rank"}.get(kind, "movie_id")
    if kind == "gone":
        frame = frame[1:]
    else:
        frame.loc[0, column] = wrong
    frame.to_csv(tmp_path / "lists.csv", index=False)
    with pytest.raises(grade.Refused) as reason:
        grade.grade_lists(tmp_path / "lists.csv", both)
    assert words in str(reason.value)


@pytest.mark.parametrize("column", ["rank", "movie_id"])
def test_lists_say_nothing_twice(ten, tmp_path, column):
    both, ranked = ten
    frame = lists_file(tmp_path / "lists.csv", both.task, ranked)
    frame.loc[1, column] = frame.loc[0, column]
    frame.to_csv(tmp_path / "lists.csv", index=False)
    with pytest.raises(grade.Refused, match=r"stands in row 1 \(line 2\) already"):
        grade.grade_lists(tmp_path / "lists.csv", both)
