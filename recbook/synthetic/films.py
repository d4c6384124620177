"""The invented catalogue: genres, years, series, shelves and release dates."""

import datetime
from dataclasses import dataclass

import numpy as np

from recbook.synthetic import taste as model
from recbook.synthetic import titles as names
from recbook.synthetic.draw import Dice, normal, standard

# weight as a film's first one, pulls on popularity and on quality; the latter are near
# the stars by which films of a genre are liked more or less on the real set
GENRE_TRAITS = {
    "Action": (160, 0.6, -0.3),
    "Adventure": (70, 0.5, 0.0),
    "Animation": (20, 0.20, 0.6),
    "Children's": (50, 0.0, -0.7),
    "Comedy": (390, 0.05, -0.3),
    "Crime": (38, 0.10, 0.25),
    "Documentary": (48, -0.90, 0.3),
    "Drama": (640, 0.0, 0.35),
    "Fantasy": (14, 0.0, -0.6),
    "Film-Noir": (8, 0.10, 0.6),
    "Horror": (66, 0.0, -0.55),
    "Musical": (9, 0.05, -0.3),
    "Mystery": (22, 0.20, 0.1),
    "Romance": (95, 0.5, 0.15),
    "Sci-Fi": (26, 0.6, 0.0),
    "Thriller": (130, 0.35, 0.05),
    "War": (12, 0.4, 0.6),
    "Western": (13, 0.10, 0.2),
}
COMPANIONS = {  # genres that go together, and how much more often than others
    "Action": "Adventure:6 Sci-Fi:8 Thriller:5 War:8 Crime:4 Western:5",
    "Adventure": "Children's:8 Sci-Fi:8 Fantasy:10 War:3 Animation:2",
    "Animation": "Children's:30 Musical:10 Comedy:1",
    "Children's": "Comedy:3 Fantasy:12 Musical:5 Drama:0.5",
    "Comedy": "Romance:4 Drama:1.5 Musical:2 Crime:1.5 Horror:1.5 Sci-Fi:1",
    "Crime": "Drama:1.5 Thriller:4 Film-Noir:10",
    "Drama": "Romance:3 War:5 Thriller:1.5 Mystery:1 Western:1 Musical:0.5 Sci-Fi:0.7",
    "Film-Noir": "Mystery:25 Thriller:8",
    "Horror": "Thriller:4 Sci-Fi:4",
    "Mystery": "Thriller:8",
    "Romance": "War:2 Musical:2 Thriller:0.7 Action:0.5",
    "Sci-Fi": "Thriller:3 War:2",
}
YEARS = {1998: 53, 1997: 235, 1996: 298, 1995: 295, 1994: 237, 1993: 130, 1992: 40} | {
    1991: 24,
    1990: 24,
    **dict.fromkeys(range(1980, 1990), 11),
    **dict.fromkeys(range(1970, 1980), 6),
    **dict.fromkeys(range(1930, 1970), 4.4),
    **dict.fromkeys((1922, 1926), 1),
}
OPENING = datetime.date(1997, 9, 20)  # the window of the ratings
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"  # strftime would ask the locale
OLD_GENRES = {"Film-Noir": 40, "Western": 6, "Musical": 10, "War": 6, "Mystery": 3}
# Of what a film is made: its own part beside what genre and year tell of a new film.
GENRE_TASTE, OWN_TASTE = 0.7, 0.6  # in its factors, to which a person leans
GENRE_QUALITY, AGE_QUALITY, OWN_QUALITY = 1.5, 1.3, 0.75  # in how much all like it
MORE_GENRES = np.cumsum([0.495, 0.338, 0.128, 0.03, 0.009])
SERIES_SHARE, TWIN_SHARE = 0.055, 18 / 1682


@dataclass(frozen=True)
class InventedFilms:
    """What :func:`shoot` makes: films for the model and for ``u.item``.

    Parameters
    ----------
    items : Items
        As the model sees them.
    family : (n,) int array
        The first film of each one's series: itself where there is none.
    genre_factors : (19, N_FACTORS) array
        Where the genres lie on the axes of taste.
    lines : list of lists of str
        The fields of ``u.item``.
    """

    items: model.Items
    family: np.ndarray
    genre_factors: np.ndarray
    lines: list


def shoot(rng, n):
    """Invent ``n`` films, roughly from the best known to the least."""
    dice = Dice(rng)
    family, part, genres, years = _draft(dice, n)
    titles = names.invent(rng, [names.GENRES[kinds[0]] for kinds in genres])
    titles = [names.sequel(titles[f], p) for f, p in zip(family, part, strict=True)]
    quality, popularity = _appraise(rng, genres, years, family, part)
    shelf = _shelve(rng, genres, family)
    factors, genre_factors = _film_factors(rng, genres, years, family, shelf)
    dates = _in_turn([_release(dice, year) for year in years], part)
    copied = (titles, years, genres, dates, factors, quality, shelf)
    _add_twins(rng, n, part, popularity, copied)
    number = np.argsort(np.round(-popularity + 0.65 * normal(rng, n), 9), kind="stable")
    if n > 400:
        _nameless(titles, genres, years, dates, number, popularity)
    release = np.array([(d - OPENING).days if d else -9999 for d in dates])
    era = standard(np.array([np.log1p(max(0, 1999 - (y or 1995))) for y in years]))
    place = np.empty(n, np.int64)
    place[number] = np.arange(n)
    main = np.array([kinds[0] for kinds in genres])
    columns = (factors, quality, popularity, era, shelf, main, release)
    lines = [
        _line(k + 1, titles[f], years[f], dates[f], genres[f])
        for k, f in enumerate(number)
    ]
    items = model.Items(*(column[number] for column in columns))
    return InventedFilms(items, place[family[number]], genre_factors, lines)


def anonymous(rng, n):
    """`n` items on shelves of like taste, each its own family: no titles, no genres."""
    shelf = np.floor(rng.random(n) * model.N_SHELVES).astype(np.int64)
    factors = 0.75 * normal(rng, model.N_SHELVES, model.N_FACTORS)[shelf]
    factors += 0.66 * normal(rng, n, model.N_FACTORS)
    quality = normal(rng, n)
    popularity = 0.45 * quality + 0.9 * normal(rng, n)
    release = np.full(n, -9999)
    columns = standard(quality), standard(popularity), normal(rng, n)
    genre = shelf * model.N_GENRES // model.N_SHELVES
    items = model.Items(factors, *columns, shelf, genre, release)
    return items, np.arange(n)


def _draft(dice, n):
    """Series, parts, genres and years of ``n`` films."""
    family, part = _families(dice, n)
    genres, years = [], []
    for film in range(n):
        if part[film]:
            genres.append(genres[film - 1])
            years.append(min(1998, years[film - 1] + 1 + dice.below(4)))
        else:
            genres.append(_draw_genres(dice))
            years.append(_draw_year(dice, genres[-1][0]))
            if film + 1 < n and family[film + 1] == film:
                years[-1] = min(years[-1], 1993)  # room for what follows
    return family, part, genres, years


def _families(dice, n):
    """For each film the first of its series and its part from 0; parts in a row."""
    family, part, place = [], [], 0
    while place < n:
        length = 1
        if dice.rng.random() < SERIES_SHARE:
            length = 2 + dice.weighted(np.cumsum([0.62, 0.24, 0.1, 0.04]))
        for p in range(min(length, n - place)):
            family.append(place)
            part.append(p)
        place += length
    return np.array(family[:n]), np.array(part[:n])


def _draw_genres(dice):
    """Indices of a film's genres, the main one first."""
    weight = np.array([0.0] + [traits[0] for traits in GENRE_TRAITS.values()])
    genres = [dice.weighted(np.cumsum(weight))]
    affinity = _affinity()
    for _ in range(dice.weighted(MORE_GENRES)):
        pull = np.sqrt(weight) * affinity[genres].prod(axis=0)
        pull[genres] = 0.0
        if pull.sum() > 0:
            genres.append(dice.weighted(np.cumsum(pull)))
    return genres


def _affinity():
    """(19, 19) weights with which a second genre joins a first."""
    index = {name: k for k, name in enumerate(names.GENRES)}
    table = np.full((19, 19), 0.06)
    for first, pairs in COMPANIONS.items():
        for pair in pairs.split():
            second, weight = pair.split(":")
            table[index[first], index[second]] = float(weight)
            table[index[second], index[first]] = float(weight)
    table[:, [index["unknown"], index["Documentary"]]] = 0.0
    table[index["Documentary"]] = 0.0
    return table


def _draw_year(dice, main):
    years = np.array(list(YEARS))
    weight = np.array(list(YEARS.values()), float)
    weight[years < 1980] *= OLD_GENRES.get(names.GENRES[main], 0.8)
    return int(years[dice.weighted(np.cumsum(weight))])


def _appraise(rng, genres, years, family, part):
    """Quality and popularity of each film, standard scores that go together."""
    traits = np.array([(0, -2.0, -0.5), *GENRE_TRAITS.values()])
    pulls = np.array([traits[kinds][:, 1:].mean(axis=0) for kinds in genres])
    age = np.clip((1993 - np.array(years)) / 20, 0.0, 1.0)
    old = np.sqrt(age)
    own = normal(rng, len(genres))
    quality = OWN_QUALITY * (0.8 * own[family] + 0.6 * normal(rng, len(genres)))
    quality += GENRE_QUALITY * pulls[:, 1] + AGE_QUALITY * old - 0.3 * part
    own = normal(rng, len(genres))
    luck = 0.8 * own[family] + 0.6 * normal(rng, len(genres))
    popularity = (
        0.45 * quality + 0.9 * luck + pulls[:, 0] + 0.3 * np.minimum(age, 0.4) / 0.4
    )
    popularity -= 0.7 * np.clip((1960 - np.array(years)) / 15, 0.0, 1.0)
    popularity += 0.25 * (np.array([len(kinds) for kinds in genres]) - 1)
    popularity += (
        0.5 * (np.bincount(family, minlength=len(family))[family] > 1) - 0.25 * part
    )
    return standard(quality), standard(popularity)


def _shelve(rng, genres, family):
    """A shelf for each film, among those of its main genre; a series stands on one."""
    weight = np.array([1.0] + [traits[0] for traits in GENRE_TRAITS.values()])
    edge = np.cumsum(weight) / weight.sum()
    main = np.array([kinds[0] for kinds in genres])
    u = edge[main] - weight[main] / weight.sum() * rng.random(len(main))
    return np.floor(np.clip(u, 0, 1 - 1e-9) * model.N_SHELVES).astype(np.int64)[family]


def _film_factors(rng, genres, years, family, shelf):
    """Factors of films, of mean 0 and variance 1, and of genres, on the same axes."""
    embedding = normal(rng, 19, model.N_FACTORS)
    flags = np.zeros((len(genres), 19))
    for film, kinds in enumerate(genres):
        flags[film, kinds] = 1 / np.sqrt(len(kinds))
    era = normal(rng, model.N_FACTORS)
    age = np.clip((1994 - np.array(years)) / 20, -0.2, 2.0)
    own = normal(rng, len(genres), model.N_FACTORS)
    own = 0.92 * own[family] + 0.39 * normal(rng, len(genres), model.N_FACTORS)
    schools = normal(rng, model.N_SHELVES, model.N_FACTORS)
    mixed = np.zeros_like(own)
    for g in range(19):
        mixed += flags[:, g, None] * embedding[g]
    raw = np.round(
        GENRE_TASTE * mixed
        + 0.6 * age[:, None] * era
        + 0.6 * schools[shelf]
        + OWN_TASTE * own,
        9,
    )
    mean, sd = raw.mean(axis=0), raw.std(axis=0)
    return (raw - mean) / sd, (GENRE_TASTE * embedding - mean) / sd


def _release(dice, year):
    """Release day: a day of the year for later films, 1 January where none is known."""
    if year < 1993 or (year < 1997 and dice.rng.random() < 0.62):
        return datetime.date(year, 1, 1)
    if year < 1998 and dice.rng.random() < 0.25:
        return datetime.date(year, 1, 1)
    days = 100 if year == 1998 else 365
    return datetime.date(year, 1, 1) + datetime.timedelta(days=dice.below(days))


def _in_turn(dates, part):
    """No part of a series before the part it follows."""
    for film in range(1, len(dates)):
        if part[film] and dates[film] < dates[film - 1]:
            dates[film] = dates[film - 1]
    return dates


def _add_twins(rng, n, part, popularity, columns):
    """Enter a few films twice, each under a number of its own, as catalogues do."""
    single = np.flatnonzero((part == 0) & (np.append(part[1:], 0) == 0))
    mixed = single[np.argsort(rng.random(len(single)), kind="stable")]
    twins = round(n * TWIN_SHARE)
    for original, copy in zip(mixed[:twins], mixed[twins : 2 * twins], strict=False):
        for column in columns:
            column[copy] = column[original]
        popularity[copy] = popularity[original] - 0.6


def _nameless(titles, genres, years, dates, number, popularity):
    """One entry of which nothing is known, where the real file has one too."""
    film = number[266]
    titles[film], genres[film], years[film], dates[film] = "unknown", [0], None, None
    popularity[film] = -0.6


def _line(number, title, year, date, genres):
    flags = ["1" if g in genres else "0" for g in range(19)]
    shown = f"{title} ({year})" if year else title
    day = (
        f"{date.day:02d}-{MONTHS[3 * date.month - 3 : 3 * date.month]}-{date.year}"
        if date
        else ""
    )
    return [str(number), shown, day, "", "", *flags]
