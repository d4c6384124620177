"""Columns for the arguments of a job, from what they are called and what they hold."""

import re
import unicodedata

__all__ = ["guesses"]

# Words of a heading, in English, German, French and Chinese; those of more than one
# argument are told apart by what the column holds.
WORDS = {
    "customer": "customer kunde kunden client user buyer käufer member mitglied account "
    "konto person visitor besucher household haushalt acheteur email mail shopper "
    "kundin patient 客户 顾客 会员 用户 买家",
    "time": "date datum time zeit day tag timestamp zeitstempel created jour heure when "
    "bestelldatum kaufdatum 日期 时间",
    "item": "product produkt article artikel sku item produit stock stockcode asin ean "
    "gtin ware 商品 产品 货号",
    "amount": "amount umsatz betrag revenue turnover sales total summe price preis "
    "montant prix value wert spend spent gmv net netto brutto paid ca 金额 销售额 价格",
    "quantity": "quantity qty menge anzahl pieces stück stueck stk units count quantité "
    "quantite qté nombre 数量 件数",
    "order": "order bestellung bestellnummer bestellnr auftrag auftragsnummer invoice "
    "rechnung rechnungsnummer rechnungsnr belegnummer beleg commande facture receipt "
    "basket bon transaction ticket 订单 发票",
    "group": "arm group gruppe variant variante treatment treated bucket cell testgroup "
    "testgruppe condition groupe bras assignment exposed 组 分组 组别 实验组",
    "outcome": "outcome bought converted conversion purchased purchase response "
    "responded gekauft kauf käufe bestellt ordered reagiert acheté achete achat success "
    "ergebnis 购买 转化 下单",
    "shown": "shown banner action ad creative anzeige motiv werbemittel displayed "
    "gezeigt annonce bannière banniere variant variante 广告 横幅 展示",
    "chance": "chance propensity probability prob pscore wahrscheinlichkeit probabilité "
    "probabilite p 概率",
    "reward": "reward click clicked clicks klick klicks geklickt clic cliqué clique "
    "conversion converted bought gekauft 点击 是否点击",
    "context": "segment context kontext device gerät cluster 分群",
    "consent": "consent newsletter optin einwilligung zustimmung consentement "
    "erlaubnis 同意",
    "before": "before previous prior vorher vorjahr davor avant pre 之前",
}
WORDS["person"] = WORDS["unit"] = WORDS["customer"]
ID = set("id ids nr no num number nummer code key kode uid guid 编号 号".split())
NAME = set("name title titel titre desc description bezeichnung label".split())
# A price of one piece is no amount, and what a line was before the discount neither.
NOT = {
    "amount": set("unit einzel einzelpreis stückpreis unitprice each pro".split()),
    "time": set("birth geburt geburtsdatum birthday naissance updated".split()),
    "item": set("category kategorie catégorie group gruppe type".split()),
    "customer": set("group gruppe segment type type service".split()),
}
SHORT = 3  # letters below which a word is only whole


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
    >>> text = b"Kundennr;Bestelldatum;Artikel\\n007;31.01.2026;Tee\\n008;05.02.2026;Tee"
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
            fits = [one for one in left if alone(argument, one)]
            found[argument] = fits[0].name if len(fits) == 1 else None
    return found


def score(argument, facts):
    """Return how well a column's heading and cells fit an argument, 0 for not."""
    words = words_of(facts.name)
    best = max((_match(known, words) for known in WORDS.get(argument, "").split()),
               default=0.0)  # fmt: skip
    if not best or NOT.get(argument, set()) & set(words) or not fits(argument, facts):
        return 0.0
    if argument in ("customer", "item", "order", "person", "unit"):
        best += 0.5 * bool(ID & set(words)) - 0.5 * bool(NAME & set(words))
    return best


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
    is_long = len(known) > SHORT or not known.isascii()
    if is_long and any(word.startswith(known) or word.endswith(known) for word in words):
        return 2.0
    if not known.isascii() and any(known in word for word in words):
        return 2.0
    return 0.0


def fits(argument, facts):
    """Return whether a column's cells may be what an argument names."""
    number = facts.is_number and not facts.formats[1:]
    if argument == "time":
        return facts.is_date
    if argument in ("amount", "quantity", "before"):
        return facts.is_number and not (facts.is_date and facts.low > 1e6)
    if argument == "chance":
        return number and facts.low >= 0 and facts.high <= 1
    if argument in ("outcome", "reward", "consent"):
        return facts.distinct <= 2 or (number and not facts.is_date)
    if argument == "group":
        return 2 <= facts.distinct <= 10
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

