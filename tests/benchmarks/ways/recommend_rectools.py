"""What to show next, with RecTools: a model chosen at three earlier quarters.

Not said: the interval of the choice, whether the last quarter agrees with it, what is
bought again, a reason for each line, the memory that EASE takes.
"""

import sys

import pandas as pd
from rectools import Columns
from rectools.dataset import Dataset
from rectools.metrics import NDCG
from rectools.model_selection import TimeRangeSplitter, cross_validate
from rectools.models import EASEModel, PopularModel

pd.options.future.infer_string = False  # rectools 0.19 is not at home in pandas 3
folder = sys.argv[1]
log = pd.read_csv(f"{folder}/orders.csv", parse_dates=["transaction_timestamp"])
log = log.dropna(subset="product_type").assign(**{Columns.Weight: 1.0})
names = {"household_id": Columns.User, "product_type": Columns.Item}
names["transaction_timestamp"] = Columns.Datetime
data = Dataset.construct(log.rename(columns=names))
models = {"popular": PopularModel()}
models |= {f"EASE {reg}": EASEModel(regularization=reg) for reg in (200, 700, 2000)}
found = cross_validate(
    data,
    TimeRangeSplitter("91D", n_splits=3),
    {"ndcg": NDCG(k=10, divide_by_achievable=True)},
    models,
    k=10,
    filter_viewed=True,
)
means = pd.DataFrame(found["metrics"]).groupby("model")["ndcg"].mean()
best = models[means.idxmax()].fit(data)
lists = best.recommend(data.user_id_map.external_ids, data, k=10, filter_viewed=True)
lists.to_csv(f"{folder}/list.csv", index=False)
print(means, means.idxmax(), sep="\n")
