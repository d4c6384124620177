"""Tastes to begin with: which genres, and which films of them."""

import itertools

import numpy as np

from recbook.app.catalogue import Film
from recbook.app.tastes import tastes


def drawn(n=1000, seed=0):
    """Films of seven genres, some of two; those of a genre point one way."""
    rng = np.random.default_rng(seed)
    names = np.array(["Action", "Comedy", "Crime", "Drama", "Horror", "War", "Rare"])
    towards = rng.normal(size=(7, 9))
    flags = rng.random((n, 7)) < [0.3, 0.3, 0.2, 0.4, 0.2, 0.1, 0.01]
    directions = flags @ towards + rng.normal(size=(n, 9))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    films = [
        Film(100 + row, f"Film {row // 2}", 1990, tuple(names[flags[row]]), 9, likes)
        for row, likes in enumerate(rng.permutation(n).tolist())
    ]
    return films, directions


def towards(films, directions, genre):
    total = np.zeros(directions.shape[1])
    for film, d in zip(films, directions, strict=True):
        if genre in film.genres:
            total += film.likes * (d - directions.mean(axis=0))
    return total / np.linalg.norm(total)


def test_the_three_genres_are_the_least_alike_of_the_large_ones():
    films, directions = drawn()
    found = [genre for genre, _ in tastes(films, directions)]
    large = ["Action", "Comedy", "Crime", "Drama", "Horror", "War"]
    ways = {genre: towards(films, directions, genre) for genre in large}

    def alike(genres):
        return max(ways[a] @ ways[b] for a, b in itertools.combinations(genres, 2))

    best = min(itertools.combinations(large, 3), key=alike)
    assert sorted(found) == sorted(best)


def test_a_taste_is_five_liked_films_of_its_genre_and_no_film_is_in_two():
    films, directions = drawn()
    found = tastes(films, directions)
    titles = [films[row].title for _, rows in found for row in rows]
    assert len(titles) == len(set(titles)) == 15
    likes = np.array([film.likes for film in films])
    for genre, rows in found:
        assert all(genre in films[row].genres for row in rows)
        own = [row for row, film in enumerate(films) if genre in film.genres]
        assert likes[rows].min() >= np.median(likes[own])
        way = towards(films, directions, genre)
        assert (directions[rows] @ way).mean() > (directions[own] @ way).mean()


def test_a_catalogue_with_too_few_films_of_a_genre_has_no_tastes():
    films, directions = drawn(n=8)
    assert tastes(films, directions) == ()
