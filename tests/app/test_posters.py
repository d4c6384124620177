"""Posters: from a film's vector to the shades of its cells."""

import numpy as np

from recbook.app.posters import CELLS, posters


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def values(texts):
    return np.array([[int(digit, 16) for digit in text] for text in texts])


def test_every_film_has_a_digit_for_each_direction_and_24_at_most():
    rng = np.random.default_rng(0)
    for k, cells in ((64, CELLS), (24, 24), (3, 3)):
        found = posters(unit(rng.normal(size=(200, k))))
        assert len(found) == 200
        assert {len(text) for text in found} == {cells}
        assert set("".join(found)) <= set("0123456789abcdef")


def test_the_digits_are_the_principal_components_in_their_own_units():
    d = unit(np.random.default_rng(1).normal(size=(300, 10)) * np.arange(1, 11))
    centred = d - d.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    z = left * np.sqrt(len(d))  # each column has variance 1
    assert (np.diff(lengths) < 0).all()
    found = values(posters(d))
    signs = np.sign((z * (found - 7.5)).sum(axis=0))
    expected = np.clip(np.rint(7.5 + 3.2 * z * signs), 0, 15)
    np.testing.assert_array_equal(found, expected)


def test_films_that_are_alike_have_posters_that_are_alike():
    rng = np.random.default_rng(2)
    kinds = rng.normal(size=(6, 4))
    kind = np.arange(120) % 6
    shades = values(posters(unit(kinds[kind] + 0.1 * rng.normal(size=(120, 4)))))
    apart = np.abs(shades[:, None] - shades[None]).mean(axis=2)
    same = kind[:, None] == kind
    assert apart[same].mean() < 0.5 * apart[~same].mean()


def test_what_all_films_share_is_no_picture_of_any():
    shift = np.r_[np.zeros(4), 1.0]
    d = np.random.default_rng(3).normal(size=(50, 4))
    found = posters(np.c_[d, np.zeros(50)] + shift)
    assert {text[-1] for text in found} == {"8"}  # they do not differ there
    assert set(posters(np.ones((4, 3)))) == {"888"}
