"""Whom to write to, with scikit-uplift: two models, judged on a quarter held out.

Not said: whether the groups were drawn at random, euros, an interval, a reason to send
nothing, whether the outcomes are enough to tell people apart.
"""

import sys

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklift.metrics import qini_auc_score, uplift_at_k
from sklift.models import TwoModels

folder = sys.argv[1]
trial = pd.read_csv(f"{folder}/trial.csv")
X = pd.get_dummies(trial.drop(columns=["resume", "race", "received_callback"]))
X, y = X.fillna(X.mean()), trial["received_callback"]
treated = (trial["race"] == "white").astype(int)
parts = train_test_split(X, y, treated, test_size=0.25, random_state=0)
X_train, X_test, y_train, y_test, treated_train, treated_test = parts
models = [LogisticRegression(max_iter=5000) for _ in range(2)]
model = TwoModels(*models).fit(X_train, y_train, treated_train)
effect = model.predict(X_test)
print(qini_auc_score(y_test, effect, treated_test))
print(uplift_at_k(y_test, effect, treated_test, strategy="overall", k=0.3))
effects = pd.DataFrame({"resume": trial["resume"], "effect": model.predict(X)})
best = effects.sort_values("effect", ascending=False).head(int(0.3 * len(effects)))
best.to_csv(f"{folder}/list.csv", index=False)
