"""A world for a class: what students get, and the answers that a teacher keeps."""

import shutil

import pandas as pd
import pytest
from handed_in import ROWS, file_of, small_worlds

from recbook import grade, leaderboard, synthetic
from recbook.grade.commands import main


@pytest.fixture(autouse=True)
def small():
    with small_worlds():
        yield


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


@pytest.mark.parametrize("name", ["train.csv", "films.csv", "people.csv", "pairs.csv"])
@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "user_id\nx\n"])
def test_what_was_handed_out_and_broken_since(world, tmp_path, capsys, name, text):
    handed_out = tmp_path / "students"
    shutil.copytree(world / "students", handed_out)
    (handed_out / name).write_text(text, encoding="utf-8")
    assert main(["mine.csv", "--form", str(handed_out)]) == 2
    assert "not as it was handed out" in capsys.readouterr().err


def test_answers_are_read_as_strictly(tmp_path, run, answers):
    answers.write_text("user_id,movie_id,rating\n1,10,6\n", encoding="utf-8")
    status, _, err = run(file_of(ROWS))
    assert status == 2
    assert "rating is '6'" in err
