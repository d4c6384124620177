"""The invented catalogue and audience: genres, years, series and release dates; ages, jobs and tastes."""

import datetime
from dataclasses import dataclass

import numpy as np

from recbook import _synthetic_names as names
from recbook import _synthetic_taste as model

# genre: (weight as a film's first genre, pull on popularity, pull on quality), in standard scores
GENRE_TRAITS = {
    "Action": (120, 0.30, 0.0),
    "Adventure": (45, 0.30, 0.0),
    "Animation": (24, 0.20, 0.1),
    "Children's": (50, 0.0, -0.4),
    "Comedy": (390, 0.05, -0.3),
    "Crime": (45, 0.10, 0.2),
    "Documentary": (48, -0.90, 0.3),
    "Drama": (480, -0.10, 0.35),
    "Fantasy": (8, 0.0, -0.6),
    "Film-Noir": (12, 0.10, 0.8),
    "Horror": (66, 0.0, -0.5),
    "Musical": (22, 0.05, 0.0),
    "Mystery": (22, 0.20, 0.2),
    "Romance": (85, 0.15, 0.15),
    "Sci-Fi": (40, 0.40, 0.05),
    "Thriller": (130, 0.20, 0.0),
    "War": (22, 0.40, 0.6),
    "Western": (18, 0.10, 0.1),
}
COMPANIONS = {  # genres that go together, and how much more often than others
    "Action": "Adventure:6 Sci-Fi:8 Thriller:5 War:8 Crime:4 Western:8",
    "Adventure": "Children's:8 Sci-Fi:8 Fantasy:10 War:3 Animation:2",
    "Animation": "Children's:30 Musical:20 Comedy:1",
    "Children's": "Comedy:3 Fantasy:12 Musical:8 Drama:0.5",
    "Comedy": "Romance:4 Drama:1.5 Musical:4 Crime:1.5 Horror:1.5 Sci-Fi:1",
    "Crime": "Drama:1.5 Thriller:4 Film-Noir:10",
    "Drama": "Romance:3 War:5 Thriller:1.5 Mystery:1 Western:1 Musical:1 Sci-Fi:0.7",
    "Film-Noir": "Mystery:25 Thriller:8",
    "Horror": "Thriller:4 Sci-Fi:4",
    "Mystery": "Thriller:8",
    "Romance": "War:2 Musical:3 Thriller:0.7 Action:0.5",
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
OLD_GENRES = {"Film-Noir": 40, "Western": 6, "Musical": 10, "War": 6, "Mystery": 3}
N_GENRES = np.cumsum([0.495, 0.338, 0.128, 0.03, 0.009])
SERIES_SHARE, TWIN_SHARE = 0.055, 18 / 1682

# occupation: (weight, typical age, share of women)
OCCUPATION_TRAITS = {
    "administrator": (79, 38, 0.45),
    "artist": (28, 30, 0.45),
    "doctor": (7, 45, 0.1),
    "educator": (95, 42, 0.28),
    "engineer": (67, 36, 0.05),
    "entertainment": (18, 27, 0.12),
    "executive": (32, 38, 0.1),
    "healthcare": (16, 43, 0.65),
    "homemaker": (7, 33, 0.85),
    "lawyer": (12, 35, 0.2),
    "librarian": (51, 40, 0.57),
    "marketing": (26, 37, 0.38),
    "none": (9, 26, 0.45),
    "other": (105, 34, 0.34),
    "programmer": (66, 32, 0.1),
    "retired": (14, 63, 0.1),
    "salesman": (12, 35, 0.25),
    "scientist": (31, 38, 0.1),
    "student": (196, 21, 0.3),
    "technician": (27, 32, 0.05),
    "writer": (45, 36, 0.42),
}
OCCUPATIONS = tuple(OCCUPATION_TRAITS)


@dataclass(frozen=True)
class Catalogue:
    """`items` as the model sees them, `family` (n,) the first film of each one's series (itself where there is
    none), `genre_factors` (19, N_FACTORS), `lines`: the fields of ``u.item``."""

    items: model.Items
    family: np.ndarray
    genre_factors: np.ndarray
    lines: list


@dataclass(frozen=True)
class Audience:
    """`factors` (n, N_FACTORS) tastes, `lines`: the fields of ``u.user``."""

    factors: np.ndarray
    lines: list


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


def _draw_genres(dice):
    """Indices of a film's genres, the main one first."""
    weight = np.array([0.0] + [traits[0] for traits in GENRE_TRAITS.values()])
    found = [dice.weighted(np.cumsum(weight))]
    affinity = _affinity()
    for _ in range(dice.weighted(N_GENRES)):
        pull = np.sqrt(weight) * affinity[found].prod(axis=0)
        pull[found] = 0.0
        if pull.sum() > 0:
            found.append(dice.weighted(np.cumsum(pull)))
    return found


def _draw_year(dice, main):
    years = np.array(list(YEARS))
    weight = np.array(list(YEARS.values()), float)
    weight[years < 1980] *= OLD_GENRES.get(names.GENRES[main], 0.8)
    return int(years[dice.weighted(np.cumsum(weight))])


def _families(dice, n):
    """For each film the place of the first of its series, and its part from 0; parts stand in a row."""
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


def _film_factors(rng, genres, years, family):
    """Factors of the films (n, N_FACTORS) with mean 0 and variance 1, and of the genres on the same axes."""
    embedding = model.normal(rng, 19, model.N_FACTORS)
    flags = np.zeros((len(genres), 19))
    for film, found in enumerate(genres):
        flags[film, found] = 1 / np.sqrt(len(found))
    era = model.normal(rng, model.N_FACTORS)
    age = np.clip((1994 - np.array(years)) / 20, -0.2, 2.0)
    own = model.normal(rng, len(genres), model.N_FACTORS)
    own = 0.92 * own[family] + 0.39 * model.normal(rng, len(genres), model.N_FACTORS)
    mixed = np.zeros_like(own)
    for g in range(19):
        mixed += flags[:, g, None] * embedding[g]
    raw = np.round(0.75 * mixed + 0.6 * age[:, None] * era + 0.75 * own, 9)
    mean, sd = raw.mean(axis=0), raw.std(axis=0)
    return (raw - mean) / sd, (0.75 * embedding - mean) / sd


def _release(dice, year):
    """Release day: half of the later ones by a real date, the others 1 January as the catalogue has it."""
    if year < 1993 or (year < 1997 and dice.rng.random() < 0.75):
        return datetime.date(year, 1, 1)
    if year < 1998 and dice.rng.random() < 0.25:
        return datetime.date(year, 1, 1)
    days = 100 if year == 1998 else 365
    return datetime.date(year, 1, 1) + datetime.timedelta(days=dice.below(days))


def _standard(x):
    return np.round((x - x.mean()) / (x.std() or 1.0), 9)


def _appraise(rng, genres, years, family, part):
    """Quality and popularity of each film, standard scores that go together."""
    traits = np.array([(0, -2.0, -0.5), *GENRE_TRAITS.values()])
    pulls = np.array([traits[found][:, 1:].mean(axis=0) for found in genres])
    age = np.clip((1993 - np.array(years)) / 20, 0.0, 1.0)
    old = np.sqrt(age)
    own = model.normal(rng, len(genres))
    quality = 0.85 * (0.8 * own[family] + 0.6 * model.normal(rng, len(genres)))
    quality += 0.9 * pulls[:, 1] + 1.1 * old - 0.3 * part
    own = model.normal(rng, len(genres))
    luck = 0.8 * own[family] + 0.6 * model.normal(rng, len(genres))
    popularity = 0.45 * quality + 0.9 * luck + pulls[:, 0] + 0.35 * old
    popularity += (
        0.5 * (np.bincount(family, minlength=len(family))[family] > 1) - 0.25 * part
    )
    return _standard(quality), _standard(popularity)


def shoot(rng, n):
    """Invent `n` films, numbered roughly from the best known to the least."""
    dice = names.Dice(rng)
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
                years[-1] = min(years[-1], 1995)  # room for what follows
    titles = names.invent(rng, [names.GENRES[found[0]] for found in genres])
    titles = [names.sequel(titles[f], p) for f, p in zip(family, part, strict=True)]
    quality, popularity = _appraise(rng, genres, years, family, part)
    factors, genre_factors = _film_factors(rng, genres, years, family)
    dates = [_release(dice, year) for year in years]
    dates = _in_turn(dates, part)
    _add_twins(
        rng, n, part, popularity, (titles, years, genres, dates), factors, quality
    )
    number = np.argsort(
        np.round(-popularity + 0.65 * model.normal(rng, n), 9), kind="stable"
    )
    if n > 400:
        _nameless(titles, genres, years, dates, number, popularity)
    epoch = datetime.date(1997, 9, 20)
    release = np.array([(date - epoch).days if date else -9999 for date in dates])
    place = np.empty(n, np.int64)
    place[number] = np.arange(n)
    items = model.Items(
        factors[number], quality[number], popularity[number], release[number]
    )
    lines = [
        _line(k + 1, titles[f], years[f], dates[f], genres[f])
        for k, f in enumerate(number)
    ]
    return Catalogue(items, place[family[number]], genre_factors, lines)


def _in_turn(dates, part):
    """No part of a series before the part it follows."""
    for film in range(1, len(dates)):
        if part[film] and dates[film] < dates[film - 1]:
            dates[film] = dates[film - 1]
    return dates


def _add_twins(rng, n, part, popularity, columns, factors, quality):
    """Enter a few films a second time under a number of their own, as careless catalogues do."""
    single = np.flatnonzero((part == 0) & (np.append(part[1:], 0) == 0))
    mixed = single[np.argsort(rng.random(len(single)), kind="stable")]
    twins = int(round(n * TWIN_SHARE))
    for original, copy in zip(mixed[:twins], mixed[twins : 2 * twins], strict=False):
        for column in columns:
            column[copy] = column[original]
        factors[copy], quality[copy] = factors[original], quality[original]
        popularity[copy] = popularity[original] - 0.6


def _nameless(titles, genres, years, dates, number, popularity):
    """One entry of which nothing is known, in the middle of the file: a trap that the real one has too."""
    film = number[266]
    titles[film], genres[film], years[film], dates[film] = "unknown", [0], None, None


def _line(number, title, year, date, genres):
    flags = ["1" if g in genres else "0" for g in range(19)]
    shown = f"{title} ({year})" if year else title
    day = f"{date.day:02d}-{MONTHS[date.month - 1]}-{date.year}" if date else ""
    return [str(number), shown, day, "", "", *flags]


MONTHS = (
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
)  # strftime asks the locale


def anonymous(rng, n):
    """`n` items in thirty clusters of taste, and their family (each its own), for tables without films."""
    cluster = (rng.random(n) * 30).astype(np.int64)
    factors = 0.75 * model.normal(rng, 30, model.N_FACTORS)[cluster]
    factors += 0.66 * model.normal(rng, n, model.N_FACTORS)
    quality = model.normal(rng, n)
    popularity = 0.45 * quality + 0.9 * model.normal(rng, n)
    release = np.full(n, -9999)
    items = model.Items(factors, _standard(quality), _standard(popularity), release)
    return items, np.arange(n)


def invite(rng, n, genre_factors):
    """Invent `n` people whose age and gender lean on their taste, a little."""
    dice, lines = names.Dice(rng), []
    weight = np.cumsum([traits[0] for traits in OCCUPATION_TRAITS.values()])
    age, female = np.empty(n), np.empty(n)
    for user in range(n):
        job = OCCUPATIONS[dice.weighted(weight)]
        _, typical, women = OCCUPATION_TRAITS[job]
        female[user] = rng.random() < women
        age[user] = _age(rng, job, typical)
        code = f"{dice.below(99000) + 501:05d}"
        if rng.random() < 0.02:  # a few write from Canada
            code = "".join(
                dice.one(kind)
                for kind in ("K L M N T V".split(), list("123456789")) * 3
            )[:5]
        lines.append(
            [str(user + 1), str(int(age[user])), "MF"[int(female[user])], job, code]
        )
    women = _direction(
        genre_factors, "Romance Musical Children's", "Action Sci-Fi Western"
    )
    years = _direction(genre_factors, "Film-Noir Drama War", "Horror Action Comedy")
    factors = model.normal(rng, n, model.N_FACTORS)
    factors += 0.9 * (female - 0.3)[:, None] * women
    factors += 0.35 * np.clip((age - 33) / 12, -1.5, 2.5)[:, None] * years
    return Audience(factors, lines)


def _age(rng, job, typical):
    spread = 3.0 if job == "student" else 8.5
    draw = typical + spread * model.normal(rng, 1)[0]
    if job == "student" and rng.random() < 0.2:
        draw += 12 * rng.random()
    return np.floor(min(max(draw, 7 if job in ("student", "none") else 18), 73))


def _direction(genre_factors, towards, away):
    """The axis of taste from one group of genres to another, of length near 1.7."""
    place = {name: k for k, name in enumerate(names.GENRES)}
    axis = sum(genre_factors[place[g]] for g in towards.split())
    axis = axis - sum(genre_factors[place[g]] for g in away.split())
    return np.round(1.7 * axis / np.sqrt((axis**2).sum()), 9)
