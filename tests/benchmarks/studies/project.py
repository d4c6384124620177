"""The film project's repetitions: what its pages run once, with more seeds and people.

``python -m tests.benchmarks.studies.project`` writes ``data/results/project.csv``, one
row for each number: its part, model, seed, place on a curve, metric and value. It needs
the real MovieLens 100K and takes some minutes on one core. Names of parts after the
command measure these alone and keep the other rows: ``... project variety``.

- ``training`` (5.3): the outline's network, with offsets, with a penalty; five seeds.
  Learns from nine tenths of u1's train, stops on the tenth, is tested on u1's test.
- ``lists`` (5.4 and 5.5): nDCG@10 on u1's test, films with four stars or more.
- ``time`` and ``five`` (5.4): everything fitted before one moment, tested after it; and
  the people who are new then, after their first five ratings.
- ``variety`` (5.5): each lambda's lists, on ratings held out of train and on the test.
- ``reasons`` (5.5): how many places a list's first film falls without the rated film
  that is named as its reason, for 150 people with 20 to 80 ratings.
- ``newcomers`` (5.5): twice a hundred people whom no model met; the seed is the draw
  of their profiles.

Towers have three seeds each. Intervals are over people, by the paired permutation test,
of values that were averaged over seeds first. Nothing is chosen on test ratings.
"""

import sys
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from recbook import datasets, evaluation, leaderboard, metrics, splits
from recbook.deep import RatingTowers, RetrievalTowers
from recbook.leaderboard.results import results_folder, write_results

SEEDS = (0, 1, 2)
LAMBDAS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
SIZES, DRAWS, GROUPS = (0, 1, 2, 5, 10, 20, 40), 5, 2
COLUMNS = ["part", "model", "seed", "at", "metric", "value"]
RATERS = ("bias", "userknn", "knn", "sgd", "svdpp", "als")
LISTERS = ("popularity", "itemknn", "ease", "bpr", "ials")


class Rows(list):
    """Rows of the table, of one part."""

    def __init__(self, part):
        self.part = part

    def add(self, model, metric, value, seed=None, at=None):
        """Add one number."""
        self.append((self.part, model, seed, at, metric, float(value)))

    def compare(self, name, a, b, at=None):
        """Add the paired difference a - b of people, and the ends of its interval."""
        test = evaluation.paired_test(a, b)
        ends = zip(("difference", "from", "to"), (test.difference, *test.interval),
                   strict=True)  # fmt: skip
        for metric, value in ends:
            self.add(name, metric, value, at=at)


@cache
def movielens():
    """Return the real set."""
    return datasets.load_ml100k("real")


@cache
def towers(kind, seed, of="u1"):
    """Return towers that learned u1's train, or the ratings before the moment."""
    train = movielens().fold(1)[0] if of == "u1" else moment()[0]
    return kind(seed=seed).fit(train, movielens().movies, movielens().users)


@cache
def moment():
    """Return what was before four fifths of the ratings, and what came after."""
    return splits.by_time(movielens().ratings, 0.8)


def fitted(kind, names, train):
    """Return {name: fitted model} of the leaderboard's recipes."""
    recipes = leaderboard.recipes(kind)
    return {name: recipes[name]().fit(train) for name in names}


def by_person(errors, users):
    """Return each person's squared errors, scaled so that their mean is the MSE."""
    people, codes = np.unique(users, return_inverse=True)
    return np.bincount(codes, errors**2) * len(people) / len(errors)


def rmse(errors, axis=None):
    """Return the root of the mean square."""
    return np.sqrt(np.mean(np.square(errors), axis=axis))


# 5.3 ----------------------------------------------------------------------------------


def training():
    """Measure the three networks of 5.3, seed by seed and epoch by epoch."""
    import tensorflow as tf

    rows, (train, test) = Rows("training"), movielens().fold(1)
    learn, validation = splits.holdout(train, ratio=0.9, seed=0)
    sizes = int(train.user_ids.max()) + 1, int(train.item_ids.max()) + 1

    def ids(part):
        return [part.user_ids[part.users], part.item_ids[part.items]]

    def network(mean, reg):
        inputs = [tf.keras.Input((1,)), tf.keras.Input((1,))]
        penalty = tf.keras.regularizers.L2(reg) if reg else None

        def tables(width, start, penalty=None):
            return [
                tf.keras.layers.Flatten()(
                    tf.keras.layers.Embedding(
                        n, width, embeddings_initializer=start,
                        embeddings_regularizer=penalty)(x))
                for n, x in zip(sizes, inputs, strict=True)
            ]  # fmt: skip

        rating = tf.keras.layers.Dot(axes=1)(tables(50, "uniform", penalty))
        if mean is not None:
            rating = tf.keras.layers.Add()([rating, *tables(1, "zeros")])
            rating = tf.keras.layers.Rescaling(1.0, offset=mean)(rating)
        return tf.keras.Model(inputs, rating)

    def compiled(model, optimizer):
        variables = model.trainable_variables
        optimizer.build(variables)

        @tf.function
        def epoch(users, films, stars):
            for start in tf.range(0, len(stars), 1024):
                now = slice(start, start + 1024)
                with tf.GradientTape() as tape:
                    said = model([users[now, None], films[now, None]])[:, 0]
                    loss = tf.reduce_mean((stars[now] - said) ** 2)
                    loss += sum(model.losses)
                optimizer.apply(tape.gradient(loss, variables), variables)

        return epoch

    def stars_for(model, part):
        said = model([tf.constant(x[:, None]) for x in ids(part)])
        return said.numpy()[:, 0].clip(1, 5)

    columns = (*ids(learn), learn.values.astype("float32"))
    mean = float(learn.values.mean())
    variants = {
        "as in the outline": (None, 0.0, 14, 14),
        "with offsets": (mean, 0.0, 25, 2),
        "with offsets and penalty": (mean, 1e-4, 25, 2),
    }
    squares = {}
    for (name, settings), seed in product(variants.items(), range(5)):
        offset, reg, n_epochs, patience = settings
        tf.keras.utils.set_random_seed(seed)
        model, rng = network(offset, reg), np.random.default_rng(seed)
        epoch = compiled(model, tf.keras.optimizers.Adam(0.004))
        errors, best = [], None
        for n in range(n_epochs):
            order = rng.permutation(learn.n_ratings)
            epoch(*(tf.constant(column[order]) for column in columns))
            errors.append(rmse(validation.values - stars_for(model, validation)))
            rows.add(name, "validation", errors[-1], seed, n + 1)
            if errors[-1] == min(errors):
                best = model.get_weights()
            elif n - np.argmin(errors) >= patience:
                break
        model.set_weights(best)
        wrong = test.values - stars_for(model, test)
        rows.add(name, "test", rmse(wrong), seed)
        squares.setdefault(name, []).append(by_person(wrong, test.users))
        print(name, seed, round(rmse(wrong), 4), flush=True)
    pairs, ours = (test.users, test.items), []
    for name, model in fitted("rating", ("bias", "knn"), train).items():
        squares[name] = [by_person(test.values - model.predict(*pairs), test.users)]
        rows.add(name, "test", rmse(test.values - model.predict(*pairs)))
    for seed in SEEDS:
        errors = test.values - towers(RatingTowers, seed).predict(*pairs)
        rows.add("towers", "test", rmse(errors), seed)
        ours.append(by_person(errors, test.users))
    for name, values in squares.items():
        rows.compare(f"{name} less towers", np.mean(values, 0), np.mean(ours, 0))
    return rows


# 5.4 ----------------------------------------------------------------------------------


def lists():
    """Measure lists on u1: rivals, and both kinds of towers with three seeds."""
    rows, (train, test) = Rows("lists"), movielens().fold(1)
    counts = np.bincount(train.items, minlength=train.n_items)
    liked = test.subset(test.values >= 4)
    people = np.unique(liked.users)
    models = {n: [m] for n, m in fitted("ranking", LISTERS, train).items()}
    models["towers"] = [towers(RatingTowers, seed) for seed in SEEDS]
    models["twotower"] = [towers(RetrievalTowers, seed) for seed in SEEDS]
    each = {}
    for name, seeds in models.items():
        made = [m.recommend(people, k=10, exclude=train) for m in seeds]
        values = [metrics.ndcg(ranked, liked.csr[people], 10) for ranked in made]
        each[name] = np.mean(values, axis=0)
        for seed, ranked, value in zip(SEEDS, made, values, strict=False):
            rows.add(name, "ndcg", value.mean(), seed)
            rows.add(name, "coverage", metrics.coverage(ranked, train.n_items), seed)
            rows.add(name, "ratings of a shown film", counts[ranked].mean(), seed)
    rows.add("people", "n", len(people))
    for name in each:
        if name != "twotower":
            rows.compare(f"twotower less {name}", each["twotower"], each[name])
    rows.compare("towers less popularity", each["towers"], each["popularity"])
    return rows


def time():
    """Measure everything on the split by time: all, people known before, and new."""
    rows, (past, future) = Rows("time"), moment()
    known = np.bincount(past.users, minlength=past.n_users) > 0
    groups = {"all": known | ~known, "known": known, "new": ~known}
    pairs, squares = (future.users, future.items), {}
    raters = {n: [m] for n, m in fitted("rating", RATERS, past).items()}
    raters["towers"] = [towers(RatingTowers, seed, "past") for seed in SEEDS]
    for name, seeds in raters.items():
        errors = [future.values - m.predict(*pairs) for m in seeds]
        for group, who in groups.items():
            here = who[future.users]
            for seed, e in zip(SEEDS, errors, strict=False):
                rows.add(name, "rmse", rmse(e[here]), seed, group)
            some = [by_person(e[here], future.users[here]) for e in errors]
            squares[name, group] = np.mean(some, axis=0)
    for name, group in product(raters, groups):
        if name != "bias":
            both = squares["bias", group], squares[name, group]
            rows.compare(f"bias less {name}", *both, at=group)
    listers = {n: [m] for n, m in fitted("ranking", LISTERS, past).items()}
    listers["twotower"] = [towers(RetrievalTowers, seed, "past") for seed in SEEDS]
    each = {}
    for name, seeds in listers.items():
        tables = [evaluation.user_values(m, past, future, threshold=4) for m in seeds]
        values = pd.concat([t["ndcg"] for t in tables], axis=1)
        each[name] = values.mean(axis=1)
        for group, who in groups.items():
            for seed, value in zip(SEEDS, values[who[values.index]].mean(),
                                   strict=False):  # fmt: skip
                rows.add(name, "ndcg", value, seed, group)
    for name in listers:
        if name != "twotower":
            rows.compare(f"twotower less {name}", each["twotower"], each[name],
                         at="all")  # fmt: skip
    return rows


def five():
    """Measure newcomers of the split by time after their first five ratings."""
    rows, (past, future) = Rows("five"), moment()
    ratings = movielens().ratings
    known = np.bincount(past.users, minlength=past.n_users) > 0
    order = np.lexsort((future.items, future.timestamps, future.users))
    place = np.empty(len(order), dtype=int)
    users = future.users[order]
    place[order] = pd.Series(users).groupby(users).cumcount()
    is_new = ~known[future.users]
    first = future.subset(is_new & (place < 5))
    asked = future.subset(is_new & (place >= 5))
    wanted = asked.subset(asked.values >= 4)
    pairs = [part.users * 2000 + part.items for part in (ratings, first)]
    before = ratings.timestamps < future.timestamps.min()
    grown = ratings.subset(before | np.isin(*pairs))
    visitors = np.unique(wanted.users)
    own = {u: first.csr[[u]] for u in np.unique(asked.users)}

    def ndcg(scores):
        scores = np.where(first.csr[visitors].toarray() > 0, -np.inf, scores)
        ranked = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        return metrics.ndcg(ranked, wanted.csr[visitors], 10)

    each = {
        name: [ndcg(model.scores(visitors))]
        for name, model in fitted("ranking", LISTERS, grown).items()
    }
    each["twotower"] = []
    for seed in SEEDS:
        model = towers(RetrievalTowers, seed, "past")
        z = [model.fold_in(own[u].indices, own[u].data) for u in visitors]
        each["twotower"].append(ndcg(np.array(z) @ model.film_vectors().T))
    for name, values in each.items():
        for seed, value in zip(SEEDS, values, strict=False):
            rows.add(name, "ndcg", value.mean(), seed)
        if name != "twotower":
            rows.compare(f"twotower less {name}",
                         np.mean(each["twotower"], 0), values[0])  # fmt: skip
        if name not in ("popularity", "twotower"):
            rows.compare(f"{name} less popularity",
                         values[0], each["popularity"][0])  # fmt: skip
    rows.add("visitors", "n", len(visitors))
    errors = {
        name: [asked.values - model.predict(asked.users, asked.items)]
        for name, model in fitted("rating", ("bias", "als"), grown).items()
    }
    errors["towers"] = []
    for seed in SEEDS:
        said = np.zeros(asked.n_ratings)
        for u, row in own.items():
            here = asked.users == u
            said[here] = towers(RatingTowers, seed, "past").predict_new(
                row.indices, row.data, asked.items[here]
            )
        errors["towers"].append(asked.values - said)
    squares = {
        name: np.mean([by_person(e, asked.users) for e in some], axis=0)
        for name, some in errors.items()
    }
    for name, some in errors.items():
        for seed, e in zip(SEEDS, some, strict=False):
            rows.add(name, "rmse", rmse(e), seed)
        if name != "towers":
            rows.compare(f"{name} less towers", squares[name], squares["towers"])
    return rows


# 5.5 ----------------------------------------------------------------------------------


def unrated(data):
    """Return what may be shown, (n_users, n_items) bool."""
    return data.csr.toarray() == 0


def top_k(scores, allowed, k):
    """Return the codes of the k best that are allowed, and -1 where there are fewer."""
    possible = np.where(allowed, scores, -np.inf)
    ranked = np.argsort(-possible, axis=1, kind="stable")[:, :k]
    return np.where(np.take_along_axis(allowed, ranked, axis=1), ranked, -1)


def diversify(scores, closeness, k, lam):
    """Return a greedy list of k among one person's candidates."""
    nearest, chosen = np.full(len(scores), -1.0), []
    for _ in range(min(k, len(scores))):
        worth = (1 - lam) * scores - lam * nearest
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        nearest = np.maximum(nearest, closeness[chosen[-1]])
    return chosen


def trade_off(model, data, relevant):
    """Yield lambda, nDCG@10 and diversity by genre of lists re-ranked with it."""
    flags = movielens().movies[movielens().genres].to_numpy(dtype=float)
    unit = flags / np.maximum(np.linalg.norm(flags, axis=1), 1)[:, None]
    q = model.film_vectors()[:, :-1]
    q = q / np.maximum(np.linalg.norm(q, axis=1), 1e-12)[:, None]
    who = np.flatnonzero(relevant.sum(axis=1))
    scores = model.scores(who)
    best = top_k(scores, unrated(data)[who], 100)
    score = np.take_along_axis(scores, best, axis=1)
    scaled = (score - score[:, [-1]]) / (score[:, [0]] - score[:, [-1]])
    for lam in LAMBDAS:
        ranked = np.array([
            b[diversify(s, q[b] @ q[b].T, 10, lam)]
            for b, s in zip(best, scaled, strict=True)
        ])  # fmt: skip
        ndcg = metrics.ndcg(ranked, relevant[who], 10).mean()
        yield lam, ndcg, metrics.diversity(ranked, unit @ unit.T)


def variety():
    """Choose lambda on held ratings, by the mean of three seeds, and test it."""
    rows, (train, test) = Rows("variety"), movielens().fold(1)
    learn, held = splits.holdout(train, ratio=0.9, seed=0)
    on_held = np.zeros((len(LAMBDAS), 2))
    for seed in SEEDS:
        learner = RetrievalTowers(seed=seed)
        learner.fit(learn, movielens().movies, movielens().users)
        models = {"held": (learner, learn, held),
                  "test": (towers(RetrievalTowers, seed), train, test)}  # fmt: skip
        for part, (model, data, asked) in models.items():
            relevant = asked.subset(asked.values >= 4).csr
            for n, (lam, ndcg, diversity) in enumerate(
                trade_off(model, data, relevant)
            ):
                rows.add("twotower", f"{part} ndcg", ndcg, seed, lam)
                rows.add("twotower", f"{part} diversity", diversity, seed, lam)
                on_held[n] += (part == "held") * np.array([ndcg, diversity])
    affordable = on_held[:, 0] >= 0.98 * on_held[0, 0]
    chosen = np.where(affordable, on_held[:, 1], -1).argmax()
    rows.add("twotower", "chosen", LAMBDAS[chosen])
    return rows


def reasons():
    """Strike the film named as a reason; count the places that the first film falls."""
    rows, train = Rows("reasons"), movielens().fold(1)[0]
    per_person = np.bincount(train.users, minlength=train.n_users)
    some = np.flatnonzero((per_person >= 20) & (per_person <= 80))[:150]
    has_liked = [(train.csr[[u]].data >= 4).any() for u in some]
    people, lost, same = some[has_liked], {}, []
    for seed in SEEDS:
        model, rng = towers(RetrievalTowers, seed), np.random.default_rng(seed)
        films = model.film_vectors()
        q = films[:, :-1]
        q = q / np.maximum(np.linalg.norm(q, axis=1), 1e-12)[:, None]
        v = model.user_vectors(
            sparse.eye_array(model.describe_user([], []).size, format="csr")
        )[:, :-1]
        first = top_k(model.scores(people), unrated(train)[people], 1)[:, 0]
        for u, i in zip(people, first, strict=True):
            row = train.csr[[u]]
            codes, stars = row.indices, row.data
            liked, x = codes[stars >= 4], model.describe_user(codes, stars)
            at = [
                np.flatnonzero(model.describe_user([j], [r]))[0]
                for j, r in zip(codes, stars, strict=True)
            ]
            adds = x[at] * (v[at] @ films[i, :-1])
            named = {
                "nearest liked": liked[(q[liked] @ q[i]).argmax()],
                "adds most": codes[adds.argmax()],
                "random": rng.choice(liked),
            }
            for name, j in named.items():
                keep, about = codes != j, movielens().users.iloc[u]
                scores = films @ model.fold_in(codes[keep], stars[keep], about)
                scores[codes] = -np.inf
                lost.setdefault((name, seed), []).append((scores > scores[i]).sum())
            same.append(named["nearest liked"] == named["adds most"])
    each = {}
    for (name, seed), places in lost.items():
        rows.add(name, "places lost", np.mean(places), seed)
        each.setdefault(name, []).append(places)
    each = {name: np.mean(places, axis=0) for name, places in each.items()}
    rows.add("people", "n", len(people))
    rows.add("nearest liked", "adds most, too, %", 100 * np.mean(same))
    for a, b in (
        ("nearest liked", "random"),
        ("adds most", "random"),
        ("adds most", "nearest liked"),
    ):
        rows.compare(f"{a} less {b}", each[a], each[b])
    return rows


class Strangers:
    """Towers that have not met a group of people, and what they make of them."""

    def __init__(self, of_people, cold):
        self.train, self.test = movielens().fold(1)
        self.people, train = of_people, self.train
        self.warm = ~np.isin(np.arange(train.n_items), cold)
        self.known = train.subset(self.warm[train.items]).csr
        hidden = np.isin(train.users, of_people) | ~self.warm[train.items]
        self.rest = train.subset(~hidden)
        about = movielens().movies, movielens().users
        self.lister = RetrievalTowers(seed=0).fit(self.rest, *about)
        self.rater = rater = RatingTowers(seed=0).fit(self.rest, *about)
        self.F = rater.film_vectors()
        self.Q = np.c_[self.F[:, :-1], np.ones(len(self.F))]
        row = rater.describe_user([], [])
        self.mean = float(rater.user_constants(row)[0])
        likes = (self.test.values >= 4) & self.warm[self.test.items]
        self.good = self.test.subset(likes).csr[of_people]
        self.may_show = unrated(train)[of_people] & self.warm

    def popularity(self):
        """Return each film's number of ratings as everybody's score."""
        counts = np.bincount(self.rest.items, minlength=self.rest.n_items)
        return np.tile(1.0 * counts, (len(self.people), 1))

    def ndcg(self, scores):
        """Return nDCG@10 of each person."""
        return metrics.ndcg(top_k(scores, self.may_show, 10), self.good, 10)

    def profile(self, user, n, rng):
        """Return n of a person's films of train, drawn, and their stars."""
        row = self.known[[user]]
        some = rng.permutation(row.indices.size)[:n]
        return row.indices[some], row.data[some]

    def folded(self, model, n, draw):
        """Return nDCG@10 of each person from n ratings, folded into the model."""
        rng = np.random.default_rng([draw, n])
        z = [model.fold_in(*self.profile(u, n, rng)) for u in self.people]
        return self.ndcg(np.array(z) @ model.film_vectors().T)

    def predicted(self, items, stars, wanted, ways):
        """Return stars for the films wanted, by each (way, lambda)."""
        rater, guesses = self.rater, []
        row = rater.describe_user(items, stars)
        tower = np.r_[rater.user_vectors(row)[0, :-1],
                      rater.user_constants(row)[0] - self.mean]  # fmt: skip
        for way, reg in ways:
            z = np.zeros(tower.size) if way == "ridge" else tower
            if way == "predict_new":
                z = rater.settle(items, stars)
            if reg is not None:
                Q = self.Q[items]
                s = stars - self.mean - self.F[items, -1] - Q @ z
                z = z + np.linalg.solve(Q.T @ Q + reg * np.eye(z.size), Q.T @ s)
            guess = self.mean + self.F[wanted, -1] + self.Q[wanted] @ z
            guesses.append(guess.clip(1, 5))
        return guesses

    def errors(self, ways, n, draw, data):
        """Return each way's errors on what ``data`` has beyond the profiles."""
        rng, errors = np.random.default_rng([draw, n]), []
        for u in self.people:
            items, stars = self.profile(u, n, rng)
            row = data.csr[[u]]
            keep = self.warm[row.indices] & ~np.isin(row.indices, items)
            guesses = self.predicted(items, stars, row.indices[keep], ways)
            errors.append(np.array(guesses) - row.data[keep])
        return np.concatenate(errors, axis=1)

    def ways(self):
        """Return the four ways, each lambda chosen on train beyond the profiles."""
        found = [("tower", None)]
        for way in ("ridge", "tower, then ridge"):
            tried = [(way, reg) for reg in (1.0, 3.0, 10.0, 30.0)]
            error = np.mean(
                [
                    rmse(self.errors(tried, n, DRAWS, self.train), axis=1)
                    for n in (2, 5, 20)
                ],
                axis=0,
            )
            found.append(tried[int(error.argmin())])
        return [*found, ("predict_new", None)]

    def ten(self, user, level, careful):
        """Return ten films after five with the same stars, and what is expected."""
        items, _ = self.profile(user, 5, np.random.default_rng(int(user)))
        given = np.full(items.size, level)
        score = self.lister.film_vectors() @ self.lister.fold_in(items, given)
        score[items] = -np.inf
        best = (-score).argsort(kind="stable")[:100]
        [expected] = self.predicted(items, given, best, [("predict_new", None)])
        if careful:
            keep = expected >= np.median(expected)
            best, expected = best[keep], expected[keep]
        return best[:10], expected[:10].mean()


def newcomers():
    """Measure two hundred people at every length of their profiles."""
    rows, (train, test) = Rows("newcomers"), movielens().fold(1)
    rng, counts = np.random.default_rng(0), np.bincount(train.items)
    cold = np.sort(rng.permutation(np.flatnonzero(counts >= 20))[:100])
    warm = ~np.isin(np.arange(train.n_items), cold)
    likes = test.subset((test.values >= 4) & warm[test.items]).csr
    known = train.subset(warm[train.items]).csr
    could = (likes.sum(axis=1) >= 5) & (np.diff(known.indptr) >= 40)
    drawn = rng.permutation(np.flatnonzero(could))[: 100 * GROUPS]
    groups = np.sort(drawn.reshape(GROUPS, 100), axis=1)
    every = [Strangers(people, cold) for people in groups]
    knows, rates = towers(RetrievalTowers, 0), towers(RatingTowers, 0)
    regular = np.concatenate([s.ndcg(knows.scores(s.people)) for s in every])
    popular = np.concatenate([s.ndcg(s.popularity()) for s in every])
    here = np.isin(test.users, drawn) & warm[test.items]
    said = rates.predict(test.users[here], test.items[here])
    rows.add("people", "n", regular.size)
    rows.add("regular", "ndcg", regular.mean())
    rows.add("popularity", "ndcg", popular.mean())
    rows.add("regular", "rmse", rmse(test.values[here] - said))
    ways = [s.ways() for s in every]
    for group, found in enumerate(ways):
        for way, reg in found[1:3]:
            rows.add(way, "lambda", reg, at=group)
    for n in SIZES:
        by_draw = []
        for draw in range(DRAWS):
            by_draw.append(np.concatenate([s.folded(s.lister, n, draw) for s in every]))
            rows.add("folded in", "ndcg", by_draw[-1].mean(), draw, n)
            errors = [
                s.errors(way, n, draw, test) for s, way in zip(every, ways, strict=True)
            ]
            for (way, _), error in zip(
                ways[0], rmse(np.concatenate(errors, axis=1), axis=1), strict=True
            ):
                rows.add(way, "rmse", error, draw, n)
        new = np.mean(by_draw, axis=0)
        rows.compare("folded in less regular", new, regular, at=n)
        if n == 5:
            met = [
                np.concatenate([s.folded(knows, n, draw) for s in every])
                for draw in range(DRAWS)
            ]
            rows.compare("has met less has not", np.mean(met, axis=0), new, at=n)
    for careful in (False, True):
        ones, fives = (
            [s.ten(u, level, careful) for s in every for u in s.people]
            for level in (1.0, 5.0)
        )
        name = "with expected stars" if careful else "scores alone"
        same = [np.isin(a, b).sum() for (a, _), (b, _) in zip(ones, fives, strict=True)]
        rows.add(name, "films the same, of 10", np.mean(same))
        rows.add(name, "expected after ones", np.mean([e for _, e in ones]))
        rows.add(name, "expected after fives", np.mean([e for _, e in fives]))
    return rows


PARTS = (training, lists, time, five, variety, reasons, newcomers)


def main(names):
    """Measure, and write the table after every part."""
    path = results_folder() / "project.csv"
    chosen = [part for part in PARTS if not names or part.__name__ in names]
    table = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=COLUMNS)
    order = {part.__name__: n for n, part in enumerate(PARTS)}
    for part in chosen:
        found = pd.DataFrame(part(), columns=COLUMNS)
        found["seed"] = found["seed"].astype("Int64")
        kept = table[table["part"] != part.__name__]
        table = found if kept.empty else pd.concat([kept, found])
        table = table.sort_values("part", key=lambda p: p.map(order), kind="stable")
        write_results("project", table, data="ml-100k", real=True)
        print(part.__name__, len(found), "rows", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
