"""MultiBehaviour: its forward pass by plain loops, its log, its visits, its moments."""

import numpy as np
import pandas as pd
import pytest
from contract import NetworkContract, network

from recbook import MultiBehaviour, Ratings, datasets
from recbook.deep.behaviour import events as logs

DAY = 86_400
SMALL = {"n_factors": 6, "n_epochs": 3, "n_steps": 5, "validation_share": 0.0}


def table_of(n_users, n_items):
    """Ratings that name users and items; what they rated does not matter here."""
    ids = [f"u{u}" for u in range(n_users)], [f"i{i}" for i in range(n_items)]
    return Ratings([0], [0], [1.0], [0], *ids)


def log_of(rows, **contexts):
    """Rows of (user, item, behaviour, second)."""
    users, items, done, times = zip(*rows, strict=True)
    frame = {
        "user_id": [f"u{u}" for u in users],
        "item_id": [f"i{i}" for i in items],
        "behaviour": list(done),
        "timestamp": list(times),
    }
    return pd.DataFrame(frame | contexts)


def random_log(n=120, seed=0):
    rng = np.random.default_rng(seed)
    times = rng.choice(40 * DAY, n, replace=False)
    done = rng.choice(["view", "cart", "purchase"], n)
    rows = zip(rng.integers(0, 6, n), rng.integers(0, 9, n), done, times, strict=True)
    moment = {"hour": rng.integers(0, 3, n), "device": rng.choice(["phone", "tv"], n)}
    return log_of(list(rows), **moment)


@pytest.fixture(scope="module")
def fitted():
    return MultiBehaviour(**SMALL).fit(table_of(7, 9), random_log())


# The forward pass -------------------------------------------------------------------


def weights_of(model):
    """The network's arrays by name."""
    network = model.network_
    names = ("item", "behaviour", "age", "person", "asked_for", "context")
    found = {n: network.get_layer(n).get_weights()[0] for n in names}
    dense = [layer for layer in network.layers if type(layer).__name__ == "Dense"]
    by_shape = {layer.kernel.shape: layer.get_weights() for layer in dense}
    attention = network.get_layer("attention")
    for name in ("steps", "query", "heads", "again"):
        found[name] = getattr(attention, name).get_weights()
    return found | {"dense": by_shape, "bias": network.get_layer("catalogue").bias}


def by_loops(model, log, user, now, moment):
    """Scores of one user by the definition, event after event."""
    w, d = weights_of(model), model.n_factors
    rows = log[(log.user_id == f"u{user}") & (log.timestamp < now)]
    rows = rows.sort_values("timestamp").tail(model.n_steps)
    names = ["cart", "purchase", "view"]
    place = {"hour": {0: 1, 1: 2, 2: 3}, "device": {"phone": 4, "tv": 5}}
    place = {f: place[f] for f in log.columns[4:]} if len(log.columns) > 4 else {}
    s = w["person"][user + 1] + w["asked_for"][names.index("purchase")]
    for field, value in moment.items():
        s = s + w["context"][place[field][value]]
    steps, scores, again = [], [], {}
    for row in rows.itertuples():
        item = int(row.item_id[1:])
        h = w["item"][item + 1] + w["behaviour"][names.index(row.behaviour)]
        age, code = now - row.timestamp, 1
        while code <= 28 and age >= 3600 * 2 ** ((code - 1) / 2):
            code += 1
        h = h + w["age"][code]
        hidden = np.tanh(h @ w["steps"][0] + w["steps"][1] + s @ w["query"][0])
        steps.append(h)
        scores.append(hidden @ w["heads"][0])
        g = float((hidden @ w["again"][0])[0] + w["again"][1][0])
        again[item] = again.get(item, 0.0) + g
    c = np.zeros((model.n_heads, d))
    for k in range(model.n_heads):
        e = np.array([one[k] for one in scores])
        alpha = np.exp(e - e.max()) / np.exp(e - e.max()).sum() if len(e) else e
        for weight, h in zip(alpha, steps, strict=True):
            c[k] += weight * h
    both = np.concatenate([s, c.ravel()])
    (one, first), (wide, start), (narrow, end) = (
        w["dense"][shape] for shape in ((3 * d, d), (3 * d, 2 * d), (2 * d, d))
    )
    z = both @ one + first + np.maximum(both @ wide + start, 0) @ narrow + end
    out = w["item"][1:] @ z + np.asarray(w["bias"])
    for item, g in again.items():
        out[item] += g
    return out, again


@pytest.mark.parametrize("user", [0, 3, 5])
@pytest.mark.parametrize("now", [2 * DAY, 17 * DAY, 41 * DAY])
def test_scores_are_those_of_the_definition(fitted, user, now):
    moment = {"hour": 2, "device": "phone"}
    ours = fitted.scores([user], [now], moment)[0]
    loops, again = by_loops(fitted, random_log(), user, now, moment)
    shown = fitted.attention(user, now, moment).groupby("item_id").again.sum()
    assert {f"i{i}": pytest.approx(g, abs=1e-5) for i, g in again.items()} == dict(
        shown
    )
    np.testing.assert_allclose(ours, loops, rtol=1e-4, atol=1e-5)


def test_attention_names_the_events_it_weighs(fitted):
    log = random_log()
    shown = fitted.attention(2, 20 * DAY, {"hour": 1})
    rows = log[(log.user_id == "u2") & (log.timestamp < 20 * DAY)]
    rows = rows.sort_values("timestamp").tail(5)
    assert shown.item_id.tolist() == rows.item_id.tolist()
    assert shown.behaviour.tolist() == rows.behaviour.tolist()
    np.testing.assert_allclose(shown.days, 20 - rows.timestamp / DAY)
    assert shown.weight.sum() == pytest.approx(1, abs=1e-6)
    assert (shown.weight > 0).all()
    assert len(fitted.attention(2, 0)) == 0


def test_padding_changes_nothing(fitted):
    """A wider window over few events: more padding, same weights, same scores."""
    wide = MultiBehaviour(**{**SMALL, "n_steps": 11}).fit(table_of(7, 9), random_log())
    wide.network_.set_weights(fitted.network_.get_weights())
    first = np.sort(random_log().query("user_id == 'u1'").timestamp)
    now = [int(first[4])]  # four events before: both windows have room
    one, other = (m.scores([1], now, {"hour": 0}) for m in (fitted, wide))
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_only_padding_attends_to_nothing(fitted):
    scores, weights, again = fitted.network_(
        [np.zeros((1, 5)), np.zeros((1, 5)), np.zeros((1, 5)),
         np.zeros((1, 2)), np.zeros(1), np.ones(1)]
    )  # fmt: skip
    assert np.isfinite(scores).all()
    assert not np.asarray(weights).any()
    assert not np.asarray(again).any()


# What counts as before ----------------------------------------------------------------


def test_the_future_and_the_present_are_not_looked_at(fitted):
    log = random_log()
    now = int(log.timestamp.sort_values().iloc[60])  # the time of an event
    past = log[log.timestamp < now]
    for user in range(6):
        whole = fitted.scores([user], [now], {"hour": 1})
        np.testing.assert_array_equal(
            whole, fitted.scores([user], [now], {"hour": 1}, log=past)
        )


def test_now_is_after_the_last_event_by_default(fitted):
    log = random_log()
    now = [int(log.timestamp.max()) + 1] * 2
    ours = fitted.scores([1, 4], context={"hour": 1})
    np.testing.assert_array_equal(ours, fitted.scores([1, 4], now, {"hour": [1, 1]}))


def test_a_purchase_is_learned_from_before_its_visit():
    """Cart and purchase of one visit: neither is in the window, the day before is."""
    rows = [(0, 1, "view", 0), (0, 2, "view", DAY), (0, 2, "cart", DAY + 60)]
    rows += [(0, 2, "purchase", DAY + 1860)]  # half an hour of silence, and no more
    ids = np.array(["u0"]), np.array(["i0", "i1", "i2"])
    events, names, _ = logs.read_log(ids, log_of(rows), 1800)
    items, done, ages, *_ = logs.before_visits(events, np.array([3]), 4)
    assert items.tolist() == [[0, 0, 0, 2]]
    assert names[done[0, -1]] == "view"
    assert ages.tolist() == [[0, 0, 0, logs.age_codes(np.array([DAY]))[0]]]
    events, _, _ = logs.read_log(ids, log_of(rows), 1799)  # now it is another visit
    assert logs.before_visits(events, np.array([3]), 4)[0].tolist() == [[0, 2, 3, 3]]


def test_the_moment_of_a_visit_is_that_of_its_first_event():
    rows = [(0, 1, "view", 3000), (0, 1, "purchase", 4000)]
    log = log_of(rows, hour=["early", "late"])
    ids = np.array(["u0"]), np.array(["i0", "i1"])
    events, _, fields = logs.read_log(ids, log, 1800)
    now = logs.before_visits(events, np.array([1]), 2)[3]
    assert now.tolist() == [[fields.values["hour"]["early"]]]


def test_validation_is_the_last_part_in_time():
    rows = [(0, i % 3, "purchase" if i % 2 else "view", i * DAY) for i in range(20)]
    ids = np.array(["u0"]), np.array(["i0", "i1", "i2"])
    events, *_ = logs.read_log(ids, log_of(rows), 0)
    goals = np.flatnonzero(events["behaviours"] == 0)
    learn, stop = logs.parts(events, goals, share=0.3)
    assert stop.tolist() == [15, 17, 19]
    assert learn.tolist() == list(range(15))
    assert logs.parts(events, goals, share=0.0)[1] is None
    assert logs.parts(events, goals[:1], share=0.9)[1] is None


def test_ages_are_cut_at_powers_of_root_two():
    hours = np.array([0, 0.99, 1, 1.4, 1.42, 2, 24 * 30, 1e6])
    assert logs.age_codes(3600 * hours).tolist() == [1, 1, 2, 2, 3, 4, 20, 29]


def test_stars_are_levels_and_many_levels_are_bands():
    values = np.linspace(0, 10, 21)
    train = Ratings([0] * 21, range(21), values, range(21), ["Ann"], range(21))
    codes, names = logs.told(train)
    assert names == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert codes.tolist() == [0] * 5 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    model = MultiBehaviour(**SMALL).fit(datasets.load_toy())
    assert model.behaviours_ == [1.0, 2.0, 4.0, 5.0]
    assert model.counts_.tolist() == [2, 2, 1, 1, 1, 1]  # fives


# Learning -----------------------------------------------------------------------------


def planted(rng, n=400):
    """Who viewed an item buys it next week; at night item 0, by day item 1, else."""
    rows, hours = [], []
    for user in range(n):
        item, night = int(rng.integers(2, 8)), bool(rng.random() < 0.5)
        if user % 2:
            rows += [(user, item, "view", 0), (user, item, "purchase", 7 * DAY)]
        else:
            rows += [(user, item, "view", 0), (user, 1 - night, "purchase", 90 * DAY)]
        hours += [rng.choice(["night", "day"]), "night" if night else "day"]
    return log_of(rows, hour=hours)


def test_views_and_the_moment_are_found():
    train = table_of(402, 8)
    model = MultiBehaviour(
        n_factors=16, n_steps=3, n_epochs=30, lr=0.02, validation_share=0.0, others=0.0
    ).fit(train, planted(np.random.default_rng(0)))
    new = log_of([(400, 5, "view", 1000)], hour=["day"])
    soon, late = 1000 + 7 * DAY, 1000 + 90 * DAY
    scores = model.scores(
        [400] * 3, [soon, late, late], {"hour": ["day", "day", "night"]}, log=new
    )
    assert scores.argmax(axis=1).tolist() == [5, 1, 0]
    nobody = model.scores([401, 401], context={"hour": ["night", "day"]})
    assert nobody[0, 0] > nobody[0, 1]
    assert nobody[1, 1] > nobody[1, 0]


def test_validation_is_the_cross_entropy_of_the_target():
    model = MultiBehaviour(**{**SMALL, "n_epochs": 1, "validation_share": 0.2})
    log = random_log()
    model.fit(table_of(7, 9), log)
    bought = log[log.behaviour == "purchase"].sort_values("timestamp")
    late = bought.tail(round(0.2 * len(bought)))
    total = 0.0
    for row in late.itertuples():
        mine = log[(log.user_id == row.user_id) & (log.timestamp <= row.timestamp)]
        mine, begin = mine.sort_values("timestamp"), row
        for other in reversed(list(mine.itertuples())):
            if begin.timestamp - other.timestamp > 1800:
                break
            begin = other
        moment = {"hour": begin.hour, "device": begin.device}
        s = model.scores([int(row.user_id[1:])], [begin.timestamp], moment)[0]
        total += np.log(np.exp(s).sum()) - s[int(row.item_id[1:])]
    assert model.history_["validation"][0] == pytest.approx(total / len(late), rel=1e-4)


def test_the_order_of_rows_does_not_matter():
    log = random_log()
    one, other = (
        MultiBehaviour(**SMALL).fit(table_of(7, 9), frame)
        for frame in (log, log.sample(frac=1, random_state=1))
    )
    np.testing.assert_array_equal(one.scores([0, 4]), other.scores([0, 4]))


def test_what_is_asked_for_is_a_choice():
    log = random_log()
    views = MultiBehaviour(**SMALL, target="view").fit(table_of(7, 9), log)
    seen = log[log.behaviour == "view"].item_id.str[1:].astype(int)
    assert views.counts_.tolist() == np.bincount(seen, minlength=9).tolist()


def test_a_stranger_gets_the_counts_or_the_moment(fitted):
    np.testing.assert_array_equal(fitted.scores([6])[0], fitted.counts_)
    night = fitted.scores([6], context={"hour": 0})[0]
    assert not np.array_equal(night, fitted.counts_)
    unseen = fitted.scores([6, 1], context={"hour": 99, "device": "fridge"})
    np.testing.assert_allclose(unseen[1], fitted.scores([1])[0], rtol=1e-5, atol=1e-6)
    assert np.isfinite(unseen).all()


def test_saved_with_its_log(tmp_path, fitted):
    fitted.save(tmp_path / "model")
    again = MultiBehaviour.load(tmp_path / "model")
    moment = {"hour": [0, 1], "device": "tv"}
    one, other = (m.scores([0, 6], context=moment) for m in (fitted, again))
    np.testing.assert_array_equal(one, other)


def test_products_and_movies_are_items():
    log = random_log()
    for name in ("product_id", "movie_id"):
        ids = (
            np.array([f"u{u}" for u in range(7)]),
            np.array([f"i{i}" for i in range(9)]),
        )
        events, *_ = logs.read_log(ids, log.rename(columns={"item_id": name}), 0)
        assert sorted(events["items"]) == sorted(log.item_id.str[1:].astype(int))


# Bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda log: log.drop(columns="item_id"), "item_id, movie_id, product_id"),
        (lambda log: log.drop(columns="behaviour"), "behaviour"),
        (lambda log: log.assign(user_id="Zoe"), "'Zoe' in row 0"),
        (lambda log: log.assign(item_id="i99"), "'i99' in row 0"),
        (lambda log: log.assign(timestamp=0.5), "whole seconds"),
        (lambda log: log.assign(hour=np.nan), "hour.*NaN"),
        (lambda log: log.assign(behaviour="view"), "'purchase'"),
        (lambda log: "log.csv", "DataFrame"),
    ],
)
def test_bad_logs_are_named(change, said):
    with pytest.raises(ValueError, match=said):
        MultiBehaviour(**SMALL).fit(table_of(7, 9), change(random_log()))


def test_an_id_is_no_context():
    n = logs.MOST + 1
    log = log_of([(0, 0, "purchase", t) for t in range(n)], second=range(n))
    with pytest.raises(ValueError, match=r"log\['second'\] has 1001 .* bands"):
        MultiBehaviour(**SMALL).fit(table_of(1, 1), log)


def test_bad_moments_are_named(fitted):
    for context, said in (
        ({"weather": "rain"}, "weather"),
        ({"hour": [1, 2, 3]}, "3 values; give 2"),
        ({"hour": [1.0, np.nan]}, "NaN"),
    ):
        with pytest.raises(ValueError, match=said):
            fitted.scores([0, 1], context=context)
    for times in ([1], [1.5, 2.5], 7):
        with pytest.raises(ValueError, match="timestamps"):
            fitted.scores([0, 1], times)
    strange = log_of([(0, 0, "refund", 5)], hour=[1], device=["tv"])
    with pytest.raises(ValueError, match="refund"):
        fitted.scores([0], log=strange)


def test_stars_without_time_are_refused():
    toy = datasets.load_toy()
    timeless = Ratings(
        toy.users, toy.items, toy.values, None, toy.user_ids, toy.item_ids
    )
    with pytest.raises(ValueError, match=r"train\.timestamps"):
        MultiBehaviour(**SMALL).fit(timeless)


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: MultiBehaviour(
                n_factors=16,
                n_heads=1,
                n_epochs=60,
                lr=0.02,
                dropout=0.1,
                validation_share=0.0,
            ),
            rates=False,
        ),
    ]
