"""What scikit-learn's logistic regression and XGBoost make of the same rows.

    python make.py

Versions and seed are in versions.json.
"""

import json
import pathlib
from importlib.metadata import version

import numpy as np
import xgboost
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
SEED = 0
random = np.random.default_rng(SEED)
ROWS, FIT, D, TASKS = 240, 180, 9, 3
x = random.standard_normal((ROWS, D)) * np.geomspace(0.1, 10, D) * (random.random((ROWS, D)) < 0.6)
x[:, 4] = 2
x = x.astype(np.float32)
unit = x / x.std(0).clip(1e-9)
hidden = np.stack([unit[:, 0] - unit[:, 7], unit[:, 2] ** 2 - 1, unit[:, 5] + unit[:, 1] * unit[:, 3] - 0.8])
labels = (hidden.T + 0.3 * random.standard_normal((ROWS, TASKS)) > 0).astype(np.uint8)

scaler = StandardScaler().fit(x[:FIT])
z = scaler.transform(x)
weights, intercepts, scores, margins = [], [], [], []
numbers = []
for task in range(TASKS):
    y = labels[:, task]
    model = LogisticRegression(C=0.5, tol=1e-10, max_iter=10000).fit(z[:FIT], y[:FIT])
    weights.append(model.coef_[0])
    intercepts.append(model.intercept_[0])
    said = model.decision_function(z[FIT:])
    scores.append(said)
    numbers.append(
        {
            "accuracy": accuracy_score(y[FIT:], said > 0),
            "f1": f1_score(y[FIT:], said > 0),
            "auroc": roc_auc_score(y[FIT:], said),
        }
    )
    trees = xgboost.XGBClassifier(n_estimators=20, max_depth=4, tree_method="hist", base_score=0.5, n_jobs=1)
    trees.fit(z[:FIT].astype(np.float32), y[:FIT])
    margins.append(trees.predict(z[FIT:].astype(np.float32), output_margin=True))

arrays = {
    "rows": x,
    "labels": labels,
    "weights": np.array(weights, np.float32),
    "intercepts": np.array(intercepts, np.float32),
    "scores": np.array(scores, np.float32),
    "margins": np.array(margins, np.float32),
}
save_file(arrays, HERE / "arrays.safetensors")
(HERE / "expected.json").write_text(json.dumps({"fit": FIT, "scores": numbers}) + "\n")
names = ["numpy", "scikit-learn", "safetensors", "xgboost-cpu"]
versions = {"seed": SEED, **{name: version(name) for name in names}}
(HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
