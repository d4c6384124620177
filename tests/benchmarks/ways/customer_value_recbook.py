"""What a customer is worth, with recbook."""

import sys

from recbook import Orders, report

folder = sys.argv[1]
orders = Orders.read(
    f"{folder}/orders.csv",
    customer="customer",
    time="date",
    item="item",
    amount="value",
)
report.customer_value(orders, margin=0.3).save(f"{folder}/report")
