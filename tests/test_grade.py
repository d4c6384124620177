"""Grading: the score by hand and by a loop, and every file that must be refused."""

import contextlib
import csv
import gzip
import os
import pickle
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import recbook
from recbook import grade, leaderboard, metrics, synthetic
from recbook.evaluation import paired_test
from recbook.grade.commands import main
from recbook.grade.files import LIMIT
from recbook.grade.films.tasks import deal
from recbook.grade.spreadsheet import safe, write_csv
from recbook.ratings import Ratings

HEAD = "user_id,movie_id,prediction\n"
ROWS = ["1,10,5", "1,20,3", "2,10,4", "2,30,1.5", "3,20,2e0"]
TRUTH = """user_id,movie_id,rating,bias
1,10,4,4
1,20,3,4
2,10,4,3
2,30,1,2
3,20,4,3
"""


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(TRUTH, encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path, answers, capsys):
    """Grade the bytes of a file by the command, and return status, output, error."""

    def call(data, *options, name="mine.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        status = main([str(path), "--answers", str(answers), *options])
        return status, *capsys.readouterr()

    return call


def file_of(rows):
    return HEAD + "".join(f"{row}\n" for row in rows)


# What is graded.


def test_score_by_hand(tmp_path, answers):
    path = tmp_path / "mine.csv"
    path.write_text(file_of(ROWS), encoding="utf-8")
    score = grade.grade(path, grade.read_answers(answers))
    # errors 1, 0, 0, 0.5, -2: squares 1 + 0 + 0 + 0.25 + 4 = 5.25
    assert score.measures == {
        "RMSE": pytest.approx(np.sqrt(5.25 / 5)),
        "MAE": pytest.approx(3.5 / 5),
    }
    (bias,) = score.baselines  # errors 0, 1, -1, 1, -1
    assert bias.measures == {
        "RMSE": pytest.approx(np.sqrt(4 / 5)),
        "MAE": pytest.approx(0.8),
    }
    # a value a person, whose mean is the square of the score: x 3 people / 5 pairs
    assert score.people == pytest.approx(np.array([1, 0.25, 4]) * 3 / 5)
    low, high = score.interval
    # no draw of people is better than all of the second, or worse than all of the third
    assert np.sqrt(0.25 / 2) <= low < score.value < high <= 2


def test_command_prints_the_score_and_the_baselines(run):
    status, out, err = run(file_of(ROWS))
    assert (status, err) == (0, "")
    assert "RMSE 1.0247" in out
    assert "MAE 0.7000" in out
    assert "bias" in out
    assert "Gain over the best baseline, bias: -0.1303" in out


def test_order_bom_line_ends_blanks_and_quotes_do_not_matter(run):
    plain = run(file_of(ROWS))
    other = (
        '\ufeff"prediction", movie_id ,user_id\r\n2.0,20,3\r\n\r\n1.5,30,2\r\n'
        '4,10, 2\r\n"3",20,1\r\n+5.,10,1'
    )
    assert run(other) == plain


def test_interval_draws_people_not_pairs(tmp_path):
    # One person of 30 whom the file has all wrong: the interval must know.
    users = np.repeat(np.arange(30), 20)
    frame = pd.DataFrame({"user_id": users, "movie_id": np.arange(600)})
    truth, mine = tmp_path / "answers.csv", tmp_path / "mine.csv"
    frame.assign(rating=3).to_csv(truth, index=False)
    frame.assign(prediction=np.where(users == 0, 5, 3)).to_csv(mine, index=False)
    score = grade.grade(mine, grade.read_answers(truth))
    assert score.value == pytest.approx(np.sqrt(4 / 30))
    # with 0 to 4 copies of that person (97.5 % of draws): sqrt(4 n / 30)
    assert score.interval[0] == 0
    assert score.interval[1] == pytest.approx(np.sqrt(4 * 3 / 30))


def test_answers_without_baselines_or_with_one_person_are_graded(tmp_path, capsys):
    truth, mine = tmp_path / "answers.csv", tmp_path / "mine.csv"
    truth.write_text("user_id,movie_id,rating\n1,10,4\n", encoding="utf-8")
    mine.write_text(HEAD + "1,10,3\n", encoding="utf-8")
    assert main([str(mine), "--answers", str(truth)]) == 0
    assert "RMSE 1.0000   MAE 1.0000   (1.0000 to 1.0000)" in capsys.readouterr().out


def test_the_answers_themselves_are_graded_and_flagged(run):
    exact = ["1,10,4", "1,20,3", "2,10,4", "2,30,1", "3,20,4"]
    status, out, _ = run(file_of(exact))
    assert status == 0
    assert "RMSE 0.0000" in out
    assert "every prediction equals the answer" in out
    near = ["1,10,4", "1,20,3", "2,10,4", "2,30,1", "3,20,4.5"]
    assert "Too good: 75% below the best baseline" in run(file_of(near))[1]
    assert "Too good" not in run(file_of(ROWS))[1]


def test_a_tenth_of_each_answer_is_flagged_and_the_best_honest_file_is_not(tmp_path):
    world = grade.practice_world("embedded")
    answers = world.answers()

    def remarks(share):
        knn = answers.baselines["knn"]
        values = (1 - share) * knn + share * answers.stars
        path = tmp_path / "mine.csv"
        world.task.pairs.assign(prediction=values).to_csv(path, index=False)
        return " ".join(grade.grade(path, answers).remarks)

    # The best model of the book comes to 5.4 % at most, in worlds of four seeds.
    assert "Too good" not in remarks(0.055)
    assert "Too good: 10% below the best baseline" in remarks(0.1)


def test_gain_by_a_loop_over_draws(tmp_path, answers):
    path = tmp_path / "mine.csv"
    path.write_text(file_of(ROWS), encoding="utf-8")
    score = grade.grade(path, grade.read_answers(answers))
    (bias,) = score.baselines
    errors = {1: [1, 0], 2: [0, 0.5], 3: [-2]}, {1: [0, 1], 2: [-1, 1], 3: [-1]}
    rng, gaps = np.random.default_rng(1), []
    for _ in range(4000):
        people = rng.integers(1, 4, size=3)
        mine, theirs = (
            np.sqrt(np.mean(np.concatenate([e[p] for p in people]) ** 2.0))
            for e in errors
        )
        gaps.append(theirs - mine)
    gain, low, high = score.gain_over(bias)
    assert gain == pytest.approx(np.sqrt(4 / 5) - np.sqrt(5.25 / 5))
    assert [low, high] == pytest.approx(np.quantile(gaps, [0.025, 0.975]))
    assert bias.gain_over(score) == pytest.approx((-gain, -high, -low))


# What is refused. Each message names the place, the value and the way out.

REFUSED = {
    "missing": (file_of(ROWS[1:]), "1 of 5 pairs are missing, the first user_id 1 wi"),
    "extra": (file_of([*ROWS, "3,30,2"]), "row 6 (line 7): user_id 3 with movie_id 30"),
    "other": (file_of([*ROWS[:4], "9,9,2"]), "to predict of answers.csv (1 such rows)"),
    "twice": (file_of([*ROWS, ROWS[0]]), "stands in row 1 (line 2) already"),
    "twice, other": (file_of([*ROWS, "1,10,2"]), "row 6 (line 7): user_id 1 with"),
    "nan": (file_of([*ROWS[:4], "3,20,NaN"]), "row 5 (line 6): prediction is 'NaN'"),
    "inf": (file_of([*ROWS[:4], "3,20,-inf"]), "prediction is '-inf'; give every pair"),
    "huge": (file_of([*ROWS[:4], "3,20,1e400"]), "prediction is '1e400'"),
    "inf, later": (file_of([*ROWS[:4], "3,20,1e999"]), "outside of 1 to 5; clip it"),
    "empty value": (file_of([*ROWS[:4], "3,20,"]), "prediction is empty"),
    "below": (file_of([*ROWS[:4], "3,20,0.99"]), "'0.99', outside of 1 to 5; clip it"),
    "above": (file_of([*ROWS[:4], "3,20,5.01"]), "'5.01', outside of 1 to 5; clip it"),
    "text": (file_of([*ROWS[:4], "3,20,good"]), "prediction is 'good'; write a number"),
    "underscore": (file_of([*ROWS[:4], "3,20,0_4"]), "prediction is '0_4'"),
    "other digits": (file_of([*ROWS[:4], "3,20,\u0664"]), "prediction is '\u0664'"),
    "hex": (file_of([*ROWS[:4], "3,20,0x2"]), "prediction is '0x2'"),
    "formula": (file_of([*ROWS[:4], "3,20,=1+1"]), "prediction is '=1+1'"),
    "decimal comma": (file_of([*ROWS[:4], "3,20,2,5"]), "row 5 (line 6) has 4 values"),
    "short row": (file_of([*ROWS[:4], "3,20"]), "has 2 values and the header 3"),
    "float id": (file_of(["1.0,10,5", *ROWS[1:]]), "user_id is '1.0'; write a whole"),
    "negative id": (file_of(["-1,10,5", *ROWS[1:]]), "row 1 (line 2): user_id is '-1'"),
    "empty id": (file_of([",10,5", *ROWS[1:]]), "user_id is empty; write a whole"),
    "long id": (file_of(["9" * 5000 + ",10,5"]), "user_id is '999"),
    "no column": ("user_id,movie_id\n1,10\n", "column prediction is missing"),
    "no header": ("\n".join(ROWS), "column user_id is missing from the header '1,10"),
    "index": (",user_id,movie_id,prediction\n0,1,10,5\n", "column '' is unknown (pan"),
    "unknown": ("user_id,movie_id,prediction,rating\n1,10,5,4\n", "'rating' is unk"),
    "repeated": ("user_id,user_id,movie_id,prediction\n1,1,10,5\n", "stands twice"),
    "semicolons": ("user_id;movie_id;prediction\n1;10;5\n", "separate columns by"),
    "empty": ("", "the file is empty; its first line must be user_id,movie_id,pred"),
    "blank": ("\n\n", "the file is empty"),
    "header only": (HEAD, "a header and no rows"),
    "open quote": (HEAD + '1,10,"5\n', "is not CSV"),
    "huge field": (HEAD + "1,10," + "5" * 200_000 + "\n", "is not CSV"),
    "latin-1": (HEAD.encode() + b"1,10,\xe9\n", "line 2 of the file is not UTF-8 (by"),
    "utf-16": (file_of(ROWS).encode("utf-16"), "the file is UTF-16 text, not CSV"),
    "nul": (HEAD + "1,10,\x005\n", "NUL bytes"),
    "xlsx": (b"PK\x03\x04 and so on", "a zip archive, as an .xlsx workbook is"),
    "gzip": (gzip.compress(file_of(ROWS).encode()), "a gzip archive"),
    "npy": (b"\x93NUMPY\x01\x00", "an .npy array"),
}  # fmt: skip


@given(st.binary(max_size=300), st.sampled_from([b"", HEAD.encode()]))
def test_no_bytes_bring_it_down(tmp_path_factory, data, head):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.csv").write_bytes(head + data)
    (folder / "truth.csv").write_text(TRUTH, encoding="utf-8")
    truth = grade.read_answers(folder / "truth.csv")
    with contextlib.suppress(grade.Refused):  # and no other error
        grade.grade(folder / "any.csv", truth)


def test_many_rows_or_columns_are_refused_early(run):
    assert "more than 500000 rows" in run(HEAD + "1,1,1\n" * 500_001)[2]
    assert "has 200003 columns" in run(HEAD.strip() + "," * 200_000)[2]


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals(run, kind):
    data, words = REFUSED[kind]
    status, out, err = run(data)
    assert (status, out) == (2, "")
    assert words in err
    assert "mine.csv' was not graded: " in err
    assert err.count("\n") == 1, "one sentence"
    assert len(err) < 500
    assert err.strip().isprintable(), "what a file says is escaped"


class Trap:
    """A pickle of it makes a file when loaded."""

    def __reduce__(self):
        return (open, (os.environ["RECBOOK_TRAP"], "w"))


def test_a_pickle_is_not_loaded(run, tmp_path, monkeypatch):
    trap = tmp_path / "sprung"
    monkeypatch.setenv("RECBOOK_TRAP", str(trap))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        status, _, err = run(pickle.dumps(Trap(), protocol), name="mine.pkl")
        assert status == 2
        assert "not graded" in err
    assert not trap.exists()


def test_escapes_do_not_reach_the_terminal(run):
    _, _, err = run(file_of([*ROWS[:4], "3,20,\x1b[2Jgone\u202e"]))
    assert r"\x1b[2Jgone\u202e" in err
    assert "\x1b" not in err


def test_no_more_than_the_limit_is_read(run, tmp_path):
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(2**40)  # a terabyte, sparse
    status = main([str(big), "--answers", str(tmp_path / "answers.csv")])
    assert status == 2
    status, _, err = run(file_of(ROWS) + "\n" * LIMIT)
    assert status == 2
    assert "larger than 16 MiB" in err


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "is a folder"), ("nowhere.csv", "does not exist"), ("x\0y", "does not")],
)
def test_paths_that_are_no_file(tmp_path, answers, capsys, name, words):
    path = str(tmp_path / name) if name else str(tmp_path)
    assert main([path, "--answers", str(answers)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, answers, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert main([str(tmp_path / "pipe"), "--answers", str(answers)]) == 2
    assert "no regular file" in capsys.readouterr().err


def test_answers_are_read_as_strictly(tmp_path, run, answers):
    answers.write_text("user_id,movie_id,rating\n1,10,6\n", encoding="utf-8")
    status, _, err = run(file_of(ROWS))
    assert status == 2
    assert "rating is '6'" in err


@pytest.mark.parametrize(
    "arguments",
    [[], ["a.csv", "--pairs", "b.csv"], ["a.csv", "--seed", "1"],
     ["--pairs", "b.csv", "--answers", "c.csv"], ["--new", "x", "--lists"],
     ["--table", "x", "--form", "y"], ["a.csv", "--form", "x", "--answers", "y"]],
)  # fmt: skip
def test_options_that_do_not_go_together(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("recbook.grade: ")


# The practice split.


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


# A world for a class.


@pytest.fixture(scope="module", autouse=True)
def small_worlds():
    """Make the worlds of these tests small."""
    sizes = {"n_users": 150, "n_items": 250, "n_ratings": 7000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "generate", partial(synthetic.generate, **sizes))
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory, small_worlds):
    folder = tmp_path_factory.mktemp("class") / "world"
    assert main(["--new", str(folder), "--seed", "7"]) == 0
    return folder


def test_students_get_no_answer(world):
    given = {path.name for path in (world / "students").iterdir()}
    assert given == {"train.csv", "films.csv", "people.csv", "pairs.csv"}
    kept = {path.name for path in world.iterdir() if path.is_file()}
    assert kept == {"answers.csv", "answers-lists.csv", "seed.txt"}
    pairs = pd.read_csv(world / "students" / "pairs.csv")
    assert pairs.columns.tolist() == ["user_id", "movie_id"]
    train = pd.read_csv(world / "students" / "train.csv")
    answers = pd.read_csv(world / "answers.csv")
    lists = pd.read_csv(world / "answers-lists.csv")
    together = pd.concat([train, answers, lists])[["user_id", "movie_id", "rating"]]
    assert not together.duplicated(["user_id", "movie_id"]).any()
    assert answers[["user_id", "movie_id"]].equals(pairs)
    whole = synthetic.generate(7).table[:, :3]
    assert sorted(map(tuple, together.to_numpy().tolist())) == sorted(
        map(tuple, whole.tolist())
    )


def test_a_task_read_back_is_the_one_written(world):
    task = grade.load(world / "students")
    both = grade.read_world(world / "answers.csv")
    assert task.train.values.tolist() == both.task.train.values.tolist()
    assert (task.train.n_users, task.train.n_items) == (150, 250)
    users, items = task.codes
    assert both.pairs.users.tolist() == users.tolist()
    assert both.pairs.items.tolist() == items.tolist()
    assert task.movies["movie_id"].tolist() == task.train.item_ids.tolist()


def test_a_baseline_handed_in_scores_as_the_baseline(world, tmp_path, capsys):
    answers = pd.read_csv(world / "answers.csv")
    mine = answers[["user_id", "movie_id"]].assign(prediction=answers["knn"])
    mine.to_csv(tmp_path / "mine.csv", index=False)
    truth = grade.read_answers(world / "answers.csv")
    score = grade.grade(tmp_path / "mine.csv", truth)
    scores = {b.name: b for b in score.baselines}
    assert scores["knn"].measures == score.measures
    assert scores["knn"].value < scores["bias"].value
    assert score.value == metrics.rmse(answers["rating"], answers["knn"])
    assert "+0.0000 (+0.0000 to +0.0000), so no different" in score.report()


@pytest.mark.parametrize("name", ["bias", "knn"])
def test_baselines_are_the_leaderboards(world, name):
    both = grade.read_world(world / "answers.csv")
    model = leaderboard.recipes()[name]().fit(both.task.train)
    expected = model.predict(both.pairs.users, both.pairs.items)
    assert both.answers().baselines[name] == pytest.approx(expected)
    written = grade.read_answers(world / "answers.csv").baselines[name]
    assert written == pytest.approx(expected, abs=1e-6)


def test_a_world_is_not_written_over(world, capsys):
    before = (world / "answers.csv").read_bytes()
    assert main(["--new", str(world), "--seed", "8"]) == 2
    assert "name another" in capsys.readouterr().err
    assert (world / "answers.csv").read_bytes() == before


def test_seeds(tmp_path, capsys):
    assert main(["--new", str(tmp_path / "a"), "--seed", "-1"]) == 2
    assert "seed is -1" in capsys.readouterr().err
    assert main(["--new", str(tmp_path / "b"), "--seed", "7"]) == 0
    assert "can be found by trying" in capsys.readouterr().out
    seed = grade.new(tmp_path / "c")
    assert seed > 2**64  # one in 2**64 fails
    assert (tmp_path / "c" / "seed.txt").read_text(encoding="utf-8") == f"{seed}\n"


# Lists.


def test_form_is_checked_without_answers(ten, world, tmp_path, capsys):
    both, ranked = ten
    handed_out = tmp_path / "students"
    shutil.copytree(world / "students", handed_out)
    mine, lists = tmp_path / "mine.csv", tmp_path / "lists.csv"
    form = both.task.pairs.assign(prediction=3.5)
    form.to_csv(mine, index=False)
    lists_file(lists, both.task, ranked)
    assert main([str(mine), "--form", str(handed_out)]) == 0
    assert main([str(lists), "--lists", "--form", str(handed_out)]) == 0
    out = capsys.readouterr().out
    assert out.count("can be graded") == 2
    assert not any(character.isdigit() for character in out.replace(str(tmp_path), ""))
    form.iloc[1:].to_csv(mine, index=False)
    assert main([str(mine), "--form", str(handed_out)]) == 2
    assert "1 of" in capsys.readouterr().err
    seen = both.task.codes
    ranked = ranked.copy()
    ranked[seen[0][0], 0] = seen[1][0]
    lists_file(lists, both.task, ranked)
    assert main([str(lists), "--lists", "--form", str(handed_out)]) == 2
    assert "recommend what is new" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["train.csv", "films.csv", "people.csv", "pairs.csv"])
@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "user_id\nx\n"])
def test_what_was_handed_out_and_broken_since(world, tmp_path, capsys, name, text):
    handed_out = tmp_path / "students"
    shutil.copytree(world / "students", handed_out)
    (handed_out / name).write_text(text, encoding="utf-8")
    assert main(["mine.csv", "--form", str(handed_out)]) == 2
    assert "not as it was handed out" in capsys.readouterr().err


def lists_file(path, task, ranked):
    users = np.repeat(task.train.user_ids, ranked.shape[1])
    ranks = np.tile(np.arange(1, ranked.shape[1] + 1), len(ranked))
    films = task.train.item_ids[ranked].ravel()
    frame = pd.DataFrame({"user_id": users, "rank": ranks, "movie_id": films})
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)
    return frame


@pytest.fixture(scope="module")
def ten(world):
    """Return for each person ten films that they are not known to have rated."""
    both = grade.read_world(world / "answers.csv")
    known = both.task.train.csr.toarray() + both.pairs.csr.toarray()
    return both, np.argsort(known, axis=1, kind="stable")[:, :10]


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


# The class's table.


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


def test_table_ranks_and_calls_a_tie_a_tie(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.02, size=1000)
    judge = hand_in(tmp_path, cy=0.7, ann=0.6 + noise, bob=0.6 - noise)
    (tmp_path / "in" / "dan.csv").write_text(HEAD + "0,0,nan\n", encoding="utf-8")
    (tmp_path / "in" / "notes.txt").write_text("not a file to grade", encoding="utf-8")
    os.symlink(tmp_path / "in" / "ann.csv", tmp_path / "in" / "eve.csv")
    lines = grade.standings(tmp_path / "in", judge).splitlines()
    first, second, third, baseline = (line.split() for line in lines[:4])
    assert {first[1], second[1]} == {"ann.csv", "bob.csv"}
    assert (first[0], second[0], third[:2]) == ("1", "1=", ["3", "cy.csv"])
    assert baseline[:2] == ["4", "(bias)"]
    a, b = (judge(tmp_path / "in" / f"{row[1]}").people for row in (second, first))
    assert f"p {paired_test(a, b).p:.4f}" in lines[1]
    assert lines[5].startswith(
        "refused: 'dan.csv': row 1 (line 2): prediction is 'nan'"
    )
    assert lines[6].startswith("refused: 'eve.csv': it is a link")


def test_a_difference_that_is_not_printed_is_a_tie(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.600001)
    first, second = grade.standings(tmp_path / "in", judge).splitlines()[:2]
    assert first.startswith("  1   ann.csv")
    assert second.startswith("  1=  bob.csv")
    assert "p 0.0001" in second, "as sure as can be, and of no size"


def test_table_says_who_handed_in_the_same(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, exact=0.0)
    ann = tmp_path / "in" / "ann.csv"
    (tmp_path / "in" / "bob.csv").write_bytes(ann.read_bytes())
    table = grade.standings(tmp_path / "in", judge)
    assert "the same errors as bob.csv" in table
    assert "the same errors as ann.csv" in table
    assert "1   exact.csv" in table
    assert "Too good" in table.splitlines()[0]


def test_tables_that_cannot_be(tmp_path, capsys):
    assert main(["--table", str(tmp_path)]) == 2
    assert "holds no .csv file" in capsys.readouterr().err
    assert main(["--table", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_table_of_the_command(tmp_path, capsys):
    hand_in(tmp_path, ann=0.6)
    given = ["--table", str(tmp_path / "in"), "--answers", str(tmp_path / "truth.txt")]
    assert main(given) == 0
    assert "1   ann.csv   RMSE 0.6" in capsys.readouterr().out


def test_as_a_command(tmp_path, answers):
    path = tmp_path / "mine.csv"
    path.write_text(file_of(ROWS[1:]), encoding="utf-8")
    command = [sys.executable, "-m", "recbook.grade", str(path), "--answers", answers]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("recbook.grade: ")
    assert "Traceback" not in done.stderr


def test_a_name_in_any_script_is_printed_on_any_terminal(tmp_path, answers):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "李明.csv").write_text(file_of(ROWS), encoding="utf-8")
    command = [sys.executable, "-m", "recbook.grade", "--table", tmp_path / "in"]
    done = subprocess.run(
        [*command, "--answers", answers],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert r"\u674e\u660e" in done.stdout


def test_help_says_what_the_package_says(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "python -m recbook.grade --new FOLDER" in capsys.readouterr().out


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_table_for_spreadsheets(tmp_path, capsys):
    judge = hand_in(tmp_path, ann=0.6, cy=0.7)
    ann = tmp_path / "in" / "ann.csv"
    ann.rename(tmp_path / "in" / "=1+1.csv")
    (tmp_path / "in" / "dan.csv").write_text(HEAD + "0,0,nan\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    given = ["--table", str(tmp_path / "in"), "--answers", str(tmp_path / "truth.txt")]
    assert main([*given, "--csv", str(out)]) == 0
    first, second, baseline, refused = rows_of(out)
    assert (first["place"], first["name"]) == ("1", "'=1+1.csv")
    score = judge(tmp_path / "in" / "=1+1.csv")
    assert float(first["RMSE"]) == score.value
    assert (float(first["from"]), float(first["to"])) == score.interval
    best = score.baselines[0]
    said = [float(first[name]) for name in ("gain", "gain from", "gain to")]
    assert said == list(score.gain_over(best))
    assert first["best baseline"] == "bias"
    assert first["p"] == ""
    assert float(second["p"]) < 0.05
    assert (baseline["name"], baseline["gain"]) == ("(bias)", "")
    assert (refused["name"], refused["place"]) == ("dan.csv", "")
    assert "prediction is 'nan'" in refused["refused"]
    assert main([*given, "--csv", str(out)]) == 2
    assert "there already" in capsys.readouterr().err
    assert main([*given, "--csv", str(tmp_path / "no" / "out.csv")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["x.csv", "--csv", str(out)]) == 2
    assert "--csv goes with --table only" in capsys.readouterr().err


def test_a_table_of_folders_as_a_learning_platform_exports_them(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.7, cy=0.8)
    folder = tmp_path / "in"
    for name, inside in (("ann", "Ann Lee_12_assignsubmission_file_"), ("bob", "b"),
                         ("cy", "b")):  # fmt: skip
        (folder / inside).mkdir(exist_ok=True)
        (folder / f"{name}.csv").rename(folder / inside / f"{name}.csv")
    (folder / "__MACOSX").mkdir()
    (folder / "dan").mkdir()
    table = grade.standings(folder, judge).splitlines()
    assert [line[6:].partition("   ")[0].strip() for line in table[:4]] == [
        "Ann Lee", "b/bob.csv", "b/cy.csv", "(bias)",
    ]  # fmt: skip
    assert table[5:] == ["refused: 'dan': there is no .csv file in the folder"]


def test_a_table_of_an_export_in_a_folder_of_its_own(tmp_path, monkeypatch):
    judge = hand_in(tmp_path, ann=0.6, bob=0.7)
    folder = tmp_path / "in"
    for name in ("ann", "bob"):
        (folder / "export" / name).mkdir(parents=True)
        (folder / f"{name}.csv").rename(folder / "export" / name / "mine.csv")
    (folder / "export" / "cy").symlink_to(folder / "export" / "ann")
    (folder / "export" / "dan").mkdir()
    scandir, listdir = os.scandir, os.listdir

    def refusing(read):
        def refuse(path="."):
            if str(path).endswith("dan"):
                raise PermissionError(13, "Permission denied", str(path))
            return read(path)

        return refuse

    monkeypatch.setattr(os, "scandir", refusing(scandir))
    monkeypatch.setattr(os, "listdir", refusing(listdir))
    lines = grade.standings(folder, judge).splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["ann", "bob"]
    assert lines[4:] == [
        "refused: 'cy': it is a link; copy the folder itself",
        "refused: 'dan': the folder cannot be read: Permission denied",
    ]


def changed(path, to, change):
    frame = pd.read_csv(path)
    frame["prediction"] = change(frame["prediction"])
    frame.to_csv(to, index=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.round(2),
        lambda x: (x + 0.02).clip(1, 5),
        lambda x: 0.99 * x + 0.03,
        lambda x: x + np.resize([-0.001, 0.001], len(x)),
    ],
)
def test_a_copy_that_was_changed_a_little_is_named(tmp_path, change):
    noise = np.random.default_rng(1).normal(0, 0.2, size=1000)
    judge = hand_in(tmp_path, ann=0.5 + noise / 2, cy=0.5 - noise)
    folder = tmp_path / "in"
    changed(folder / "ann.csv", folder / "bob.csv", change)
    lines = grade.standings(folder, judge).splitlines()
    said = {line.split()[1]: line.partition("nearly ")[2] for line in lines[:4]}
    ann, bob = (judge(folder / f"{name}.csv").departures for name in ("ann", "bob"))
    near = np.corrcoef(ann, bob)[0, 1]
    words = f", or one model with settings near by (correlation {near:.5f})"
    assert said == {
        "ann.csv": f"the same predictions as bob.csv{words}",
        "bob.csv": f"the same predictions as ann.csv{words}",
        "cy.csv": "",
        "(bias)": "",
    }


def test_an_exact_copy_is_told_beside_a_near_one(tmp_path):
    judge = hand_in(tmp_path, ann=np.random.default_rng(1).normal(0.5, 0.1, size=1000))
    ann, bob, cy = (tmp_path / "in" / f"{name}.csv" for name in ("ann", "bob", "cy"))
    bob.write_bytes(ann.read_bytes())
    changed(ann, cy, lambda x: x.round(2))
    lines = {
        line.split()[1]: line
        for line in grade.standings(tmp_path / "in", judge).splitlines()[:3]
    }
    near = "nearly the same predictions as"
    assert f"the same errors as bob.csv; {near} cy.csv," in lines["ann.csv"]
    assert f"the same errors as ann.csv; {near} cy.csv," in lines["bob.csv"]
    assert f"{near} ann.csv and bob.csv," in lines["cy.csv"]
    assert "the same errors" not in lines["cy.csv"]


def test_the_spreadsheet_says_of_each_row_whether_its_place_is_shared(tmp_path):
    judge = hand_in(tmp_path, ann=0.6, bob=0.600001, cy=0.7)
    grade.standings(tmp_path / "in", judge, csv=tmp_path / "out.csv")
    shared = {row["name"]: row["shared"] for row in rows_of(tmp_path / "out.csv")}
    assert shared == {
        "ann.csv": "yes",
        "bob.csv": "yes",
        "cy.csv": "no",
        "(bias)": "no",
    }


def test_two_seeds_of_one_model_are_no_copy(world, tmp_path):
    answers = grade.read_answers(world / "answers.csv")
    task = grade.load(world / "students")
    (tmp_path / "in").mkdir()
    for seed in (0, 1):
        model = recbook.MatrixFactorization(seed=seed).fit(task.train)
        frame = task.pairs.assign(prediction=model.predict(*task.codes))
        frame.to_csv(tmp_path / "in" / f"{seed}.csv", index=False)
    table = grade.standings(tmp_path / "in", lambda path: grade.grade(path, answers))
    assert "same" not in table.splitlines()[0] + table.splitlines()[1]


def test_many_copies_are_named_as_a_group(tmp_path):
    judge = hand_in(tmp_path, ann=0.6)
    ann = tmp_path / "in" / "ann.csv"
    for number in range(30):
        (tmp_path / "in" / f"b{number:02}.csv").write_bytes(ann.read_bytes())
    lines = grade.standings(tmp_path / "in", judge).splitlines()
    assert lines[0].endswith("the same errors as b00.csv and 29 more")
    assert max(map(len, lines[:31])) < 120


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "|x"])
def test_no_cell_of_a_spreadsheet_is_a_formula(text):
    assert safe(text).startswith(("'", "\\"))


def test_what_utf8_cannot_hold_is_written_out(tmp_path):
    write_csv(tmp_path / "a.csv", ["a"], [["\ud800\x1b[2J é"]])
    assert r"\ud800\x1b[2J é" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
