"""What a customer is worth, with lifetimes: checked on 26 held-out weeks.

Its calibration_and_holdout_data stops with pandas 3, so the weeks are counted by hand.
Not said: an interval of the value, whether the parameters are at a limit, what became
of customers who ordered once.
"""

import sys

import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data

folder = sys.argv[1]
log = pd.read_csv(f"{folder}/orders.csv", parse_dates=["date"])
keys = {"customer_id_col": "customer", "datetime_col": "date", "freq": "D"}
keys |= {"freq_multiplier": 7, "monetary_value_col": "value"}
names = ["frequency", "recency", "T"]
cut = log["date"].max() - pd.Timedelta(weeks=26)
early = summary_data_from_transaction_data(log, **keys, observation_period_end=cut)
history = [early[name] for name in names]
expected = BetaGeoFitter().fit(*history).predict(26, *history)
later = log[(log["date"] > cut) & log["customer"].isin(early.index)]
table = summary_data_from_transaction_data(log, **keys)
history = [table[name] for name in names]
orders, again = BetaGeoFitter().fit(*history), table[table["frequency"] > 0]
spend = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
value = spend.customer_lifetime_value(
    orders, *history, table["monetary_value"], time=6, discount_rate=0.1 / 12, freq="W"
)
(0.3 * value).to_csv(f"{folder}/list.csv")
print(orders.params_, 0.3 * value.sum(), sep="\n")
print(len(later.drop_duplicates(["customer", "date"])))
print(expected.sum())
