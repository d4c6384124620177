"""What the page calls the files and arguments of a job, and its words on errors."""

import re

__all__ = ["HELP", "LABELS", "SLOTS", "SLOT_HELP", "in_the_page"]

SLOTS = {
    "orders": "Your orders",
    "names": "Names of the products",
    "trial": "The trial",
    "everyone": "Everybody who may be written to",
    "frame": "The test",
    "log": "The log of impressions",
    "policy": "The policy to be judged",
}
LABELS = {
    "customer": "Customer",
    "time": "Date",
    "item": "Product",
    "amount": "Amount",
    "quantity": "Quantity",
    "order": "Order number",
    "decimal": "Decimal sign",
    "date_format": "How dates are read",
    "k": "Length of the lists",
    "candidates": "What may be recommended",
    "cuts": "Cuts",
    "kind": "What the lists hold",
    "pairs": "Products in tables of pairs",
    "seed": "Seed",
    "weeks": "Weeks ahead",
    "margin": "Margin",
    "rate": "Discount rate",
    "n_draws": "Resamplings",
    "person": "Person",
    "group": "Treated arm",
    "control": "Control arm",
    "outcome": "Outcome",
    "cost": "Cost of a letter",
    "budget": "Budget",
    "share": "Planned share",
    "consent": "Consent",
    "features": "Features",
    "smallest": "Smallest effect",
    "unit": "Unit",
    "before": "From before the test",
    "denominator": "Denominator",
    "looks": "Looks",
    "shown": "What was shown",
    "chance": "Chance of what was shown",
    "reward": "Reward",
    "context": "Context",
    "policy": "Policy",
}
# Where the docstring speaks to those who write Python.
SLOT_HELP = {
    "orders": "All orders of two years or more: one line for each product of an order.",
    "names": "A file with the product's id and its name.",
    "policy": "A file with the columns of the context, and for each banner one with "
    "its chance there.",
}
HELP = {
    "customer": "Who bought: an id, such as the customer's number.",
    "time": "When it was bought.",
    "item": "What was bought: an id, such as the product's number.",
    "amount": "What the line cost in all, not the price of one piece.",
    "quantity": "How many pieces; what came back is below 0.",
    "order": "The number of the order, by which repeated lines are found.",
    "date_format": "Which part of your dates is the day, and which the month.",
    "decimal": "The sign before the cents in your file.",
    "candidates": 'The ids of products with spaces between, or "all"; empty: what was '
    "bought in the last 13 weeks.",
    "cuts": "How many dates split the log in time, or those dates with spaces between.",
    "kind": "Products that a customer has not bought yet, or has.",
    "group": "The column of the arms, and the label of those who were treated.",
    "control": "The label of the control arm, where there are more than two arms.",
    "outcome": "A column of numbers, or a column and the label that counts as 1.",
    "reward": "A column of numbers, or a column and the label that counts as 1.",
    "consent": "A column and the label of those who may be written to.",
    "margin": "Euros that a unit of the outcome leaves, such as an order: a number, or "
    "a column.",
    "features": "Columns known before the letter; none chosen: all that are left.",
    "denominator": "A column of what the outcome is counted on, such as visits, or 1 "
    "to count rows.",
    "policy": "The name of one banner that everybody would see; empty: the policy that "
    "the log itself teaches.",
}
JOB_HELP = {
    ("customer_value", "item"): "What was bought: an id, such as the product's number; "
    "where each order is one line, its number will do.",
    ("customer_value", "margin"): "Share of an amount that is left when the goods are "
    "paid, 0 to 1; empty: values are turnover.",
}
FORMAT = r"date_format='(?:[^']*)'"
SIGN = LABELS["decimal"]
# The words of errors that speak to those who write Python, and those of the page.
PAGE_WORDS = [
    (rf"say which is the day with {FORMAT}(?: or {FORMAT})*",
     f'choose how it is read under "{LABELS["date_format"]}"'),
    (rf"give date_format=, as in {FORMAT}", "write it as in 2026-01-31"),
    (r"of decimal commas, read the file with decimal=','; of labels, name the one "
     r"that counts as 1, \w+=\(.*\)",
     f'if it has decimal commas, choose "," under "{SIGN}"; if it is a label, choose '
     "the one that counts as 1"),
    (rf"give {FORMAT}", f'choose how it is read under "{LABELS["date_format"]}"'),
    (rf"does not read as {FORMAT}; fix the row or the format",
     f'does not read as the other dates do; fix the row, or choose another way under '
     f'"{LABELS["date_format"]}"'),
    (r"is not a number with decimal='(.)'; give decimal='(.)'",
     rf'is not a number with the decimal sign "\1"; choose "\2" under "{SIGN}"'),
    (r"give decimal='(.)'", rf'choose "\1" under "{SIGN}"'),
    (r"name the separator with sep=",
     "export it with commas, semicolons or tabs between the cells"),
    (r"convert it first, as with pd\.to_datetime.*", "export it as a date"),
    (r"make them one, as with \.astype\(str\)", "make them one"),
    (r"order= or quantity= drops them",
     f'"{LABELS["order"]}" or "{LABELS["quantity"]}" drops them'),
    (r"name the control group, group=\(.*\)",
     f'choose the control group under "{LABELS["control"]}"'),
    (r"say which label is the treated arm, group=\(.*\)",
     f'choose the label of the treated under "{LABELS["group"]}"'),
    (r"give it with the label of yes, such as \('newsletter', 'yes'\)",
     "choose the label of yes, too"),
    (r", features=\[\.\.\.\]", f', under "{LABELS["features"]}"'),
    (r"give ids of orders\.item_ids", "write ids of products that were ordered"),
    (r"give gzip\.open\(path\)", "unpack it first"),
    (r"give pandas\.read_parquet\(path\) to Orders\.from_frame", "export it as CSV"),
    (r"give \(column, treated\) or \(column, treated, control\), such as .*",
     "choose a column and the label of the treated"),
]  # fmt: skip
ARGUMENT = "|".join(sorted(LABELS, key=len, reverse=True))


def in_the_page(sentence, names=()):
    """Return an error's sentence in the words of the page, and the field it is about.

    Parameters
    ----------
    sentence : str
        As a function that is called from Python says it.
    names : sequence of str
        The fields that the page has.

    Examples
    --------
    >>> in_the_page("column 'price' (amount=), line 7: '1,5' is not a number with "
    ...             "decimal='.'; give decimal=','", ["amount", "decimal"])[0]
    'The column \\'price\\' (Amount), line 7: \\'1,5\\' is not a number with the \
decimal sign "."; choose "," under "Decimal sign".'
    >>> in_the_page("share must be below 1", ["share"])
    ('Planned share must be below 1.', 'share')
    """
    field = _field(sentence, names)
    for python, page in PAGE_WORDS:
        sentence = re.sub(python, page, sentence)
    sentence = re.sub(
        r"(?<= row )\d+(?=[,:] )", lambda m: f"{int(m[0]) + 1} of the data", sentence
    )
    sentence = re.sub(rf"\(({ARGUMENT})=\)", lambda m: f"({LABELS[m[1]]})", sentence)
    sentence = re.sub(rf"\b({ARGUMENT})=(?= )", lambda m: LABELS[m[1]], sentence)
    sentence = re.sub(rf"\b({ARGUMENT})=(?!\w*=)", lambda m: f"{LABELS[m[1]]}: ",
                      sentence)  # fmt: skip
    sentence = re.sub(rf"^({ARGUMENT})(?=:| must| is | names| has| holds| \()",
                      lambda m: LABELS[m[1]], sentence)  # fmt: skip
    sentence = re.sub(r"^column '", "the column '", sentence.rstrip(". \n"))
    return sentence[:1].upper() + sentence[1:] + ".", field


def _field(sentence, names):
    """Return the field that is to be changed: the way out, or what is named first."""
    read_as = re.search(r" has (.*) in row \d+, .*file with decimal=", sentence)
    if read_as and re.search(r"\d", read_as[1]):
        return "decimal"
    for way in ("decimal", "date_format"):
        if not read_as and re.search(rf"\b(give|with|as) {way}=", sentence):
            return way if way in names else None
    if "name the control group" in sentence and "control" in names:
        return "control"
    begins = rf"^({ARGUMENT})(?=:|=| must| is | names| has| holds| \()"
    found = re.search(rf"\(({ARGUMENT})=\)|{begins}", sentence)
    name = found and (found[1] or found[2])
    return name if name in names else None
