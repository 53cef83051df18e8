"""Writes learn.json: small tables as CSV, and what statsmodels and scikit-learn fit to them.

    python3 -m venv V && V/bin/pip install numpy pandas scipy scikit-learn statsmodels
    V/bin/python tests/oracle/learn.py > tests/oracle/learn.json

"plain", "categories": statsmodels Logit(y, X).fit(method="newton", tol=1e-14): params and bse, no penalty.
"penalised", "weighted": the same loss and penalty minimised by LogisticRegression(C=1/l2, solver="newton-cholesky",
tol=1e-14) on columns scaled by their training mean and population sd, sample weights scaled to mean 1; the
coefficients are then carried back to the original scale.
"""
import json
import sys

import numpy as np
import pandas as pd
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression


def text(frame):
    return frame.to_csv(index=False, float_format="%.17g")


def unpenalised(name, frame, design):
    fit = sm.Logit(frame["y"].to_numpy(), sm.add_constant(design.to_numpy(float))).fit(method="newton", tol=1e-14,
                                                                                    maxiter=100, disp=0)
    names = ["(intercept)"] + list(design.columns)
    return {"name": name, "l2": 0, "weight": "", "csv": text(frame), "terms": names,
            "coefficients": fit.params.tolist(), "se": fit.bse.tolist()}


def penalised(name, frame, design, l2, weight=None):
    x = design.to_numpy(float)
    mean, sd = x.mean(axis=0), x.std(axis=0)
    w = None if weight is None else frame[weight].to_numpy() / frame[weight].mean()
    fit = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-14, max_iter=200)
    fit.fit((x - mean) / sd, frame["y"], sample_weight=w)
    b = fit.coef_[0] / sd
    return {"name": name, "l2": l2, "weight": weight or "", "csv": text(frame),
            "terms": ["(intercept)"] + list(design.columns),
            "coefficients": [float(fit.intercept_[0] - (b * mean).sum())] + b.tolist(), "se": None}


def main():
    g = np.random.default_rng(42)
    n = 400
    x = pd.DataFrame({"a": g.normal(40, 12, n), "b": g.exponential(3, n), "c": g.integers(0, 5, n).astype(float) * 1000})
    eta = 0.06 * (x["a"] - 40) - 0.4 * x["b"] + 0.0004 * x["c"] + 0.3
    y = (g.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    plain = x.assign(y=y)

    kind = g.choice(["red", "green", "blue"], n, p=[0.5, 0.3, 0.2])
    shift = pd.Series(kind).map({"red": 0.0, "green": 0.8, "blue": -0.9})
    y2 = (g.random(n) < 1 / (1 + np.exp(-(0.04 * (x["a"] - 40) + shift)))).astype(int)
    categories = pd.DataFrame({"a": x["a"], "kind": kind, "y": y2})
    # the most frequent level is the reference; the others follow by frequency
    order = categories["kind"].value_counts().index[1:]
    dummies = pd.DataFrame({f"kind={k}": (categories["kind"] == k).astype(float) for k in order})
    with_kind = pd.concat([categories[["a"]], dummies], axis=1)

    w = np.round(g.uniform(0.2, 5, n), 3)
    weighted = plain.assign(w=w)
    out = {
        "made_with": {"numpy": np.__version__, "pandas": pd.__version__, "sklearn": sklearn.__version__,
                      "statsmodels": statsmodels.__version__, "python": sys.version.split()[0]},
        "fits": [unpenalised("plain", plain, x), unpenalised("categories", categories, with_kind),
                 penalised("penalised", plain, x, 2.5), penalised("strongly penalised", plain, x, 300.0),
                 penalised("weighted", weighted, x, 1.0, "w")],
    }
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
