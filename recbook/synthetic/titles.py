"""Titles of films that were never shot, from a small seeded grammar.

A title is a pattern ("The {adjective} {noun}") filled with words of the film's main
genre, so that a reader who sees the neighbours of a film can judge them by eye.
Every word list, and every title made from it, is ours.
"""

import numpy as np

from recbook.synthetic.draw import Dice

GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)

# Things that a film of each genre is about.
NOUNS = {
    "Action": """
        Hammerfall Torque Overdrive Warhead Flashpoint Juggernaut Ricochet Payload
        Blowtorch Crossfire Firebreak Detonator Redline Ramrod Skyhook Afterburn
    """,
    "Adventure": """
        Expedition Cartographer Lagoon Cutlass Monsoon Caravan Compass Galleon
        Archipelago Summit Tundra Privateer Rapids Meridian Labyrinth Idol
    """,
    "Animation": """
        Teapot Marzipan Thimble Pinwheel Gosling Snowdrop Marmot Button Acorn Puddle
        Dormouse Firefly Kettle Bumblebee Origami Paintbox
    """,
    "Children's": """
        Treehouse Pony Lemonade Mitten Sandcastle Puppy Kite Tadpole Jellybean Otter
        Sleigh Raincoat Hedgehog Wagon Badger Bathtub
    """,
    "Comedy": """
        Casserole Landlord Honeymoon Accordion Bachelor Trombone Parakeet Toupee
        Lawnmower Bellhop Pickle Wedding Dentist Stepmother Flamingo Poodle Nephew
        Buffet
    """,
    "Crime": """
        Alibi Getaway Racket Ledger Wiretap Forger Parole Holdup Syndicate Fence
        Informer Safecracker Kickback Bagman Stakeout Counterfeit
    """,
    "Documentary": """
        Harvest Assembly Glacier Orchestra Census Migration Turnpike Shipyard Ballot
        Archive Estuary Foundry Weavers Lighthouse Quarry Tailors
    """,
    "Drama": """
        Orchard Inheritance Ferryman Staircase Winter Daughter Confession Mourning
        Harbor Letter Sonata Widow Tenement Vineyard Brother Silence Threshold
        Apprentice Kitchen Portrait Schoolroom Garden Testament Seamstress Window
        Pilgrim
    """,
    "Fantasy": """
        Griffin Sorcerer Moonstone Changeling Amulet Enchanter Basilisk Thornwood
        Wyvern Rune Spellbook Gnome
    """,
    "Film-Noir": """
        Fedora Blackmail Nightclub Undertow Gaslight Cigarette Neon Shadow Alley
        Pawnshop Venetian Trenchcoat
    """,
    "Horror": """
        Cellar Crypt Scarecrow Gallows Marrow Coven Attic Hollow Leech Undertaker
        Seance Ossuary Mausoleum Werewood Shriek Nursery
    """,
    "Musical": """
        Cabaret Serenade Matinee Foxtrot Footlights Ragtime Chorus Mandolin Tango
        Encore Revue Clarinet Polka Ballroom
    """,
    "Mystery": """
        Cipher Keyhole Heirloom Vanishing Locket Manuscript Riddle Pendulum Inspector
        Decoy Greenhouse Sundial Footprint Telegram
    """,
    "Romance": """
        Valentine Gondola Jasmine Promenade Sweetheart Engagement Postcard Lilac
        Moonlight Bouquet Rendezvous Elopement Perfume Carousel Waltz Ribbon Courtship
        Balcony
    """,
    "Sci-Fi": """
        Comet Android Orbit Nebula Cryostat Quasar Airlock Ion Chronometer Satellite
        Mutation Antimatter Cosmonaut Hologram Perihelion Singularity
    """,
    "Thriller": """
        Pursuit Witness Deadline Hostage Vertex Countdown Safehouse Accomplice
        Trespass Sabotage Surveillance Passenger Ultimatum Motive Tripwire Stranger
        Blackout Courier
    """,
    "War": """
        Battalion Trench Armistice Bugle Regiment Bivouac Convoy Paratrooper Sentry
        Garrison Barricade Flotilla Frontline Medic
    """,
    "Western": """
        Saddle Stagecoach Mesa Sagebrush Lariat Prairie Tumbleweed Homestead Rustler
        Spur Canyon Deputy
    """,
}
ADJECTIVES = {
    "bright": """
        Amber Borrowed Cheerful Clumsy Crooked Gilded Golden Improbable Lopsided
        Marvelous Paper Peculiar Reluctant Runaway Salty Seventh Spotted Sunday
        Talkative Tin Velvet Wandering Whistling Yellow Unlikely Noisy Secondhand
        Plaid
    """,
    "dark": """
        Ashen Bitter Blind Broken Burning Cold Tarnished Crimson Fatal Forgotten
        Gaunt Iron Last Midnight Narrow Nameless Poisoned Restless Rusted Sleepless
        Sunken Unquiet Vanished Violent Ninth Shattered Severed Leaden
    """,
    "plain": """
        Autumn Blue Distant Early Eastern Empty Faithful First Glass Green Hidden
        Inner Late Little Long Northern Old Ordinary Patient Quiet Second Silver Slow
        Small Southern Tender Unfinished Western White Frosted
    """,
}
MOOD = {
    **dict.fromkeys(
        ["Animation", "Children's", "Comedy", "Musical", "Fantasy"], "bright"
    ),
    **dict.fromkeys(
        [
            "Action",
            "Crime",
            "Film-Noir",
            "Horror",
            "Mystery",
            "Sci-Fi",
            "Thriller",
            "War",
        ],
        "dark",
    ),
}
PLACES = """
    Abbotsmere Almaverde Bellwick Calderport Carrowmoor Dunhollow Eastmarrow
    Ferncastle Glasswater Halvorsk Ironbridge_Bay Juniper_Falls Kestrel_Point
    Lantern_Street Maplethorpe Marrakind Nettleford Oldhaven Port_Sorrel Quillon
    Ravensby San_Lirio Saltmarsh Tamarind_Bay Underhill Velmora Westerlow
    Yarrow_County Zephyr_Hills Cape_Mercy
"""
FIRST = """
    Ada Alma Barnaby Beatrix Cassius Cleo Cornelius Dahlia Delphine Edgar Elsie Fergus
    Flora Gideon Greta Hattie Ignatius Imogen Jasper Josephine Leopold Lorna Mabel
    Magnus Marla Nadia Octavia Orson Percy Philippa Quentin Ramona Rufus Selma Silas
    Tabitha Theodora Ulysses Vera Wilbur Zelda
"""
LAST = """
    Abernethy Applegarth Bellweather Birdwhistle Bramble Castellane Crumb Dovecote
    Eaglesham Farthing Featherstone Gooseberry Grimshaw Halfpenny Hawksworth Inkpen
    Jellicoe Kettlewell Larkspur Merriweather Nightingale Oakes Pennywhistle Quince
    Rackstraw Sandoval Thistlewood Underwood Vandermeer Whitlock Yarborough Zabriskie
"""
GERUNDS = """
    Leaving Counting Remembering Chasing Losing Painting Crossing Feeding Mending
    Waking Burying Forgiving Inventing Answering Dreaming_of Waiting_for Dancing_to
    Sailing_to
"""
# In latin-1, each with a byte above 127: whoever reads the file as UTF-8 fails on it.
ACCENTED = (
    "Café Solférino",
    "Señor Albaricoque",
    "Été à Morvanne, L'",
    "Mädchen vom Mühlbach, Das",
    "Niños del Páramo, Los",
    "Fröhliche Käfer, Der",
    "Père Tournesol",
    "Corazón de Almíbar",
    "Déjeuner sur le Toit",
    "Última Sandía, La",
    "Château des Grêlons, Le",
    "Blåbær og Torden",
    "Mañana en Lirio",
    "Gâteau de Minuit, Le",
    "Über den Zwölf Dächern",
    "Jardín Eléctrico, El",
)
NUMERALS = ("", " II", " III", " IV", " V")


def invent(rng, genres):
    """Distinct titles, one for each genre named in ``genres``, in order.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draws.
    genres : sequence of str
        Main genre of each film; a name outside :data:`NOUNS` gets the words of a drama.

    Returns
    -------
    list of str
        As long as ``genres``, no title twice: a number is added where words run out.

    Examples
    --------
    >>> titles = invent(np.random.default_rng(0), ["Comedy"] * 3)
    >>> len(set(titles))
    3
    """
    dice, seen, titles = Dice(rng), set(), []
    for genre in genres:
        title = _draft(dice, genre)
        for _ in range(50):
            if title not in seen:
                break
            title = _draft(dice, genre)
        stem, copy = title, 1
        while title in seen:
            copy += 1
            title = f"{stem} No. {copy}"
        seen.add(title)
        titles.append(title)
    for place, title in zip(
        _spread(len(titles), len(ACCENTED)), ACCENTED, strict=False
    ):
        titles[place] = title
    return titles


def sequel(title, part):
    """The title of part `part` (from 0) of a series, numeral before a trailing article.

    Examples
    --------
    >>> sequel("Crooked Teapot, The", 1)
    'Crooked Teapot II, The'
    """
    stem, comma, article = title.rpartition(", ")
    if comma:
        return f"{stem}{NUMERALS[part]}, {article}"
    return title + NUMERALS[part]


def _draft(dice, genre):
    """One title without its year; the article stands behind, as in a catalogue."""
    noun, mood = NOUNS.get(genre, NOUNS["Drama"]), MOOD.get(genre, "plain")
    adjective = ADJECTIVES[mood]
    patterns = (
        lambda: f"{dice.one(adjective)} {dice.one(noun)}, The",
        lambda: f"{dice.one(adjective)} {dice.one(noun)}",
        lambda: f"{dice.one(noun)} of {dice.one(PLACES)}, The",
        lambda: f"{dice.one(FIRST)} and the {dice.one(noun)}",
        lambda: f"{dice.one(FIRST)}'s {dice.one(noun)}",
        lambda: f"{dice.one(GERUNDS)} {dice.one(FIRST)}",
        lambda: f"{dice.one(GERUNDS)} {dice.one(PLACES)}",
        lambda: f"{dice.one(FIRST)} {dice.one(LAST)}",
        lambda: f"{dice.one(adjective)} {dice.one(noun)} of {_person(dice)}, The",
        lambda: f"{dice.one(noun)} at {dice.one(PLACES)}",
        lambda: f"{dice.one(noun)} and {dice.one(noun)}",
        lambda: f"{dice.one(noun)} for {dice.one(FIRST)}, A",
        lambda: f"{dice.one(PLACES)}",
    )
    weights = np.cumsum([6, 4, 4, 3, 3, 1, 1, 1.5, 1.5, 2.5, 1.2, 2, 0.8])
    title = patterns[dice.weighted(weights)]()
    if title.endswith(", A") and title[0] in "AEIOU":
        title += "n"
    return title


def _person(dice):
    return f"{dice.one(FIRST)} {dice.one(LAST)}"


def _spread(n, parts):
    """Places of ``parts`` marks, evenly apart; none where there is no room for all."""
    return [int((k + 0.5) * n / parts) for k in range(parts)] if n >= 8 * parts else []
