"""Files that know the chance in hidden ratings, which no honest file can."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from handed_in import lists_file, small_worlds

from recbook import grade, synthetic
from recbook.grade.films import make, noise
from recbook.synthetic import taste
from recbook.synthetic.draw import normal


def test_the_noise_is_what_the_generator_rated_with(monkeypatch):
    drawn, real = {}, taste.rate

    def rate(rng, who, what, *others):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(taste, "normal", lambda *a: keep(normal(*a)))
            stars = real(rng, who, what, *others)
        last = drawn.pop("last").tolist()
        pairs = zip((who + 1).tolist(), (what + 1).tolist(), strict=True)
        drawn.update(zip(pairs, last, strict=True))
        return stars

    def keep(values):
        drawn["last"] = values
        return values

    monkeypatch.setattr(taste, "rate", rate)
    with small_worlds():
        world = make.invent(2**99)
    for held, found in zip((world.pairs, world.lists), world.noise, strict=True):
        assert found.tolist() == [drawn[pair] for pair in pairs_of(held)]
        assert np.corrcoef(found, held.values)[0, 1] > 0.4


def pairs_of(part):
    users, items = part.user_ids[part.users], part.item_ids[part.items]
    return zip(users.tolist(), items.tolist(), strict=True)


def test_a_world_with_noise_is_the_world_of_its_seed():
    with small_worlds():
        world, table = make.invent(7), synthetic.generate(7).table
    rows = set()
    for part in (world.task.train, world.pairs, world.lists):
        rows |= {(*p, v) for p, v in zip(pairs_of(part), part.values, strict=True)}
    assert rows == {tuple(row) for row in table[:, :3].tolist()}


def test_z_by_a_plain_loop():
    rng = np.random.default_rng(3)
    predicted, known, chance = rng.standard_normal((3, 40))
    slope, level = np.polyfit(known, predicted, 1)
    up = down = 0.0
    for p, k, e in zip(predicted, known, chance, strict=True):
        d = p - level - slope * k
        up, down = up + d * e, down + d * d
    z = noise.noise_in_predictions(predicted, [known], chance)
    assert z == pytest.approx(up / np.sqrt(down))
    assert noise.noise_in_predictions(np.full(40, 3.0), [known], chance) == 0


def test_z_of_honest_files_has_mean_0_and_variance_1():
    """Whatever they predict, and however unlike one another the noises' sizes are."""
    rng = np.random.default_rng(4)
    baseline, z = rng.standard_normal(300), []
    for _ in range(600):
        predicted = baseline * rng.random() + rng.standard_t(4, 300)
        chance = rng.standard_normal(300)
        z.append(noise.noise_in_predictions(predicted, [baseline], chance))
    assert abs(np.mean(z)) < 4 / np.sqrt(600)
    assert np.var(z) == pytest.approx(1, abs=4 * np.sqrt(2 / 600))


def test_a_fiftieth_of_the_answers_is_seen_and_no_honest_file_is(world, tmp_path):
    answers = grade.read_answers(world / "answers.csv")
    task, rng = grade.load(world / "students"), np.random.default_rng(5)
    knn, stars = answers.baselines["knn"], answers.stars
    wobble = 0.15 * rng.standard_normal(len(stars))  # what another model makes of it
    # A file of 1,400 pairs: a fiftieth here is as plain as a tenth of that in 20,000.
    copied = rng.random(len(stars)) < 0.1
    files = {
        "honest": knn + wobble,
        "baseline": knn,
        "mean": np.full(len(stars), 3.5),
        "a fiftieth of each, beside the baseline": 0.98 * knn + 0.02 * stars,
        "a tenth of each": 0.9 * (knn + wobble) + 0.1 * stars,
        "a tenth of the rows": np.where(copied, stars, knn + wobble),
    }
    for name, values in files.items():
        path = tmp_path / "mine.csv"
        values = np.clip(values, 1, 5)
        task.pairs.assign(prediction=values).to_csv(path, index=False)
        said = " ".join(grade.grade(path, answers).remarks)
        assert ("Too good (z = " in said) == name.startswith("a "), name


def test_lists_that_hold_the_answers_are_seen(ten, tmp_path):
    both, ranked = ten
    held = both.lists.csr.toarray()
    known = both.task.train.csr.toarray() + both.pairs.csr.toarray()
    # What they like first, then what they have not seen: 360 ratings of 150 people.
    order = np.where(known > 0, 9, np.where(held >= 4, 0, np.where(held > 0, 2, 1)))
    leaked = np.argsort(order, axis=1, kind="stable")[:, :10]
    said = []
    for lists in (ranked, leaked):
        lists_file(tmp_path / "lists.csv", both.task, lists)
        said.append(" ".join(grade.grade_lists(tmp_path / "lists.csv", both).remarks))
    assert "(z = " not in said[0]
    assert "Too good (z = " in said[1]


def test_answers_without_noise_are_graded_as_ever(world, tmp_path):
    answers = pd.read_csv(world / "answers.csv")
    old = tmp_path / "answers.csv"
    answers.drop(columns="noise").to_csv(old, index=False)
    mine = tmp_path / "mine.csv"
    mixed = 0.98 * answers["knn"] + 0.02 * answers["rating"]
    answers.iloc[:, :2].assign(prediction=mixed).to_csv(mine, index=False)
    new = grade.grade(mine, grade.read_answers(world / "answers.csv"))
    without = grade.grade(mine, grade.read_answers(old))
    assert without.measures == new.measures
    assert len(without.remarks) == len(new.remarks) - 1
    assert set(grade.read_answers(old).baselines) == {"bias", "knn"}
    assert dataclasses.replace(grade.practice_world("embedded")).noise == (None, None)
