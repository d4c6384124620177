"""What to show next, with recbook."""

import sys

from recbook import Orders, report

folder = sys.argv[1]
orders = Orders.read(
    f"{folder}/orders.csv",
    customer="household_id",
    time="transaction_timestamp",
    item="product_type",
)
report.recommend(orders).save(f"{folder}/report")
