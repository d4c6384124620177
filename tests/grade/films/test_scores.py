"""The score of predictions by hand and by a loop; which ones are too good."""

import numpy as np
import pandas as pd
import pytest
from handed_in import HEAD, ROWS, file_of

from recbook import grade, metrics
from recbook.grade.commands import main


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
