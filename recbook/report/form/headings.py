"""Columns for the arguments of a job, from what they are called and what they hold."""

import re
import unicodedata

__all__ = ["guesses", "table"]

# Words of a heading, in English, German, French and Chinese; those of more than one
# argument are told apart by what the column holds.
VOCABULARY = """
customer: customer kunde kunden client user buyer käufer member mitglied account
    konto kd kdnr person visitor besucher household haushalt acheteur email mail shopper
    kundin patient 客户 顾客 会员 用户 买家
time: date datum time zeit day tag timestamp zeitstempel created jour heure when
    bestelldatum kaufdatum 日期 时间
item: product produkt article artikel artnr sku item produit stock stockcode asin ean
    gtin ware 商品 产品 货号
amount: amount umsatz betrag revenue turnover sales total summe price preis montant
    prix value wert spend spent gmv net netto brutto paid ca 金额 销售额 价格
quantity: quantity qty menge anzahl pieces items stück stueck stk units count quantité
    quantite qté nombre 数量 件数
order: order bestellung bestellnummer bestellnr auftrag auftragsnummer invoice
    rechnung rechnungsnummer rechnungsnr belegnummer beleg commande facture receipt
    basket bon bonnummer transaction ticket 订单 发票
group: arm group gruppe variant variante treatment treated bucket cell testgroup
    testgruppe condition groupe bras assignment exposed 组 分组 组别 实验组
outcome: outcome bought converted conversion purchased purchase response responded
    gekauft kauf käufe bestellt ordered reagiert acheté achete achat success
    ergebnis clicked click clicks klick klicks geklickt spent spend spending umsatz
    revenue 购买 转化 下单
shown: shown banner action ad creative anzeige motiv werbemittel displayed gezeigt
    annonce bannière banniere variant variante 广告 横幅 展示
chance: chance propensity probability prob pscore wahrscheinlichkeit probabilité
    probabilite p 概率
reward: reward click clicked clicks klick klicks geklickt clic cliqué clique
    conversion converted bought gekauft 点击 是否点击
context: segment context kontext device gerät cluster visitor kind 分群
consent: consent newsletter optin einwilligung zustimmung consentement erlaubnis 同意
before: before previous prior vorher vorjahr davor avant pre 之前
"""
# With one of these words a heading is something else: the price of one piece is no
# amount of a line.
OTHERWISE = """
amount: unit einzel einzelpreis stückpreis unitprice lineitem each pro
time: birth geburt geburtsdatum birthday naissance updated
item: category kategorie catégorie group gruppe type revenue price amount quantity
    umsatz preis betrag menge anzahl prix montant
outcome: before previous prior vorher vorjahr davor avant pre 之前
customer: group gruppe segment type service
"""
PARTS = """
id: id ids nr no num number nummer code key kode uid guid 编号 号
name: name title titel titre desc description bezeichnung label
"""


def table(text):
    """Return {name: words} of lines "name: words", some of which go on.

    >>> table("a: b c\\n    d\\ne: f")
    {'a': ['b', 'c', 'd'], 'e': ['f']}
    """
    found = {}
    for name, words in re.findall(r"^(\w+): (.*(?:\n    .*)*)", text, re.M):
        found[name] = words.split()
    return found


WORDS, NOT, PART = map(table, (VOCABULARY, OTHERWISE, PARTS))
WORDS["person"] = WORDS["unit"] = WORDS["customer"]
SHORT = 3  # letters below which a word is only whole
SOME_GAPS = 0.05  # share of empty cells up to which a column may be of all lines


def guesses(arguments, facts):
    """Return {argument: name of a column, or None}; no column stands for two.

    Parameters
    ----------
    arguments : sequence of str
        Those that name columns.
    facts : sequence of Facts
        What is known of the columns.

    Examples
    --------
    >>> from recbook.orders.reading import read_cells
    >>> from recbook.report.form.contents import facts_of
    >>> text = b"Kundennr;Bestelldatum;Artikel\\n007;31.01.2026;Tee\\n8;05.02.2026;Tee"
    >>> guesses(["customer", "time", "item"], map(facts_of, read_cells(text).columns))
    {'customer': 'Kundennr', 'time': 'Bestelldatum', 'item': 'Artikel'}
    """
    facts = [one for one in facts if one.name]
    found = dict.fromkeys(arguments)
    scores = [
        (score(argument, one), -place, argument, one.name)
        for argument in arguments
        for place, one in enumerate(facts)
    ]
    for value, _, argument, name in sorted(scores, key=lambda s: s[:2], reverse=True):
        if value > 0 and found[argument] is None and name not in found.values():
            found[argument] = name
    for argument in arguments:
        left = [one for one in facts if one.name not in found.values()]
        if found[argument] is None:
            some = [one for one in left if alone(argument, one)]
            some = [one for one in some if not is_other(argument, words_of(one.name))]
            found[argument] = some[0].name if len(some) == 1 else None
    return found


def score(argument, facts):
    """Return how well a column's heading and cells fit an argument, 0 for not."""
    words = words_of(facts.name)
    best = max((_match(known, words) for known in WORDS.get(argument, ())),
               default=0.0)  # fmt: skip
    if not best or is_other(argument, words) or not fits(argument, facts):
        return 0.0
    if argument in ("customer", "item", "order", "person", "unit"):
        has_id, has_name = (not set(PART[p]).isdisjoint(words) for p in ("id", "name"))
        best += 0.5 * has_id - 0.5 * has_name
    return best


def is_other(argument, words):
    """Return whether the words of a heading are of something else."""
    return not set(NOT.get(argument, ())).isdisjoint(words)


def words_of(heading):
    """Return the words of a heading, in small letters.

    >>> words_of("CustomerID"), words_of("Order-Datum"), words_of("客户编号")
    (['customer', 'id'], ['order', 'datum'], ['客户编号'])
    """
    heading = unicodedata.normalize("NFC", heading)
    heading = re.sub(r"(?<=[a-zäöüß])(?=[A-Z])", " ", heading)
    return re.findall(r"[^\W\d_]+", heading.casefold())


def _match(known, words):
    """Return how well a known word is found among those of a heading."""
    if words == [known]:
        return 4.0
    if known in words:
        return 3.0
    # A German word is made of others, and a Chinese one has no gaps: Kundennummer.
    if len(known) > SHORT or not known.isascii():
        return 2.0 * any(word.startswith(known) or word.endswith(known)
                         for word in words)  # fmt: skip
    return 0.0


def fits(argument, facts):
    """Return whether a column's cells may be what an argument names."""
    number = facts.is_number and not facts.formats[1:]
    if argument == "time":
        return facts.is_date
    if argument in ("amount", "quantity") and facts.gaps > SOME_GAPS * facts.rows:
        return False  # the total of an order, in the first of its lines
    if argument in ("amount", "quantity", "before"):
        return facts.is_number and not (facts.is_date and facts.low > 1e6)
    if argument == "chance":
        return number and facts.low >= 0 and facts.high <= 1
    if argument in ("outcome", "reward", "consent"):
        return facts.distinct <= 2 or (number and not facts.is_date)
    if argument == "group":
        return 2 <= len(facts.labels) <= 10
    if argument in ("shown", "context"):
        return facts.distinct <= 100
    return not (facts.is_date and not facts.is_number)


def alone(argument, facts):
    """Return whether the cells alone tell that a column is an argument's."""
    if argument == "time":
        return facts.is_date
    if argument == "chance":
        return fits(argument, facts) and facts.distinct > 2 and not facts.whole
    if argument == "amount":
        return facts.is_number and not facts.whole
    if argument in ("unit", "person"):
        return facts.distinct == facts.rows and not facts.is_date
    return False
