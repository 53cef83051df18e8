#!/usr/bin/env python3
"""What the order of rows, names of rows and time tell of labels, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy scipy scikit-learn pandas statsmodels
    v/bin/python tests/oracle/trails.py >tests/oracle/trails.json

The table is in the output as CSV. DeLong's variance (1988) is written out by its definition, Kelley's epsilon and
Bergsma's V from their papers; periods are joined until five rows of each kind are expected, in a loop.
"""
import io
import json
import math
import re
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm
import statsmodels
from statsmodels.stats.proportion import proportion_confint


def make():
    g = np.random.default_rng(20261128)
    n = 500
    place = np.arange(n)
    y = np.where(g.random(n) < 0.2 + 0.5 * place / n, "good", "bad")
    kind = np.array(["x", "y", "z"])[np.minimum(2, (3 * place / n + g.normal(0, 1, n)).clip(0).astype(int))]
    amount = np.round(g.normal(0, 1, n) + place / 400, 3)
    number = g.choice(10 ** 6, n, replace=False)
    ref = [f"{'AB'[int(v == 'good') if g.random() < 0.7 else int(g.integers(2))]}{g.integers(1, 3000)}" for v in y]
    when = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(g.integers(0, 500, n)), unit="D")
    d = pd.DataFrame({"loan_id": number, "ref": ref, "when": when.strftime("%Y-%m-%d"), "amount": amount, "kind": kind, "y": y})
    d.loc[g.random(n) < 0.04, "y"] = np.nan
    d.loc[g.random(n) < 0.04, "kind"] = np.nan
    d.loc[g.random(n) < 0.04, "amount"] = np.nan
    d.loc[g.random(n) < 0.03, "when"] = np.nan
    return d


def natural(text):
    return [(0, int(p), b"") if p.isdigit() else (1, 0, p.encode()) for p in re.findall(r"\d+|\D", text)]


def places(d, label):
    """The order, and both ids, as ranks among the rows whose label is there; how many rows stand for one."""
    rows = d[d[label].notna()]
    texts = sorted(set(rows["ref"]), key=natural)
    yield "row order", None, np.arange(1.0, len(rows) + 1), rows, 1.0
    yield "id by number", "loan_id", scipy.stats.rankdata(rows["loan_id"]), rows, 1.0
    at = rows["ref"].map({t: i for i, t in enumerate(texts)})
    counts = rows["ref"].value_counts()
    yield "id by text", "ref", scipy.stats.rankdata(at), rows, float((counts ** 2).sum() / counts.sum())


def delong(x, y):
    one, zero = x[y == 1], x[y == 0]
    psi = (one[:, None] > zero[None, :]) + 0.5 * (one[:, None] == zero[None, :])
    value = skm.roc_auc_score(y, x)
    se = math.sqrt(psi.mean(1).var(ddof=1) / len(one) + psi.mean(0).var(ddof=1) / len(zero))
    z = scipy.stats.norm.ppf(0.975)
    return {"auc": value, "auc_low": max(0.0, value - z * se), "auc_high": min(1.0, value + z * se)}


def trails(d, label):
    out = []
    for what, a, x, rows, design in places(d, label):
        one = {"what": what, "a": a, "n": len(rows)}
        if label == "y":
            y = (rows[label] == "good").to_numpy(float)
            one.update(delong(x, y))
            one["strength"] = abs(2 * one["auc"] - 1)
            h = scipy.stats.kruskal(x[y == 1], x[y == 0])
            also = scipy.stats.mannwhitneyu(x[y == 1], x[y == 0], use_continuity=False, method="asymptotic")
            assert abs(h.pvalue - also.pvalue) < 1e-9
            df = 1
        elif label == "kind":
            groups = [x[(rows[label] == k).to_numpy()] for k in sorted(rows[label].unique())]
            h = scipy.stats.kruskal(*groups)
            between = sum(len(k) * (k.mean() - x.mean()) ** 2 for k in groups)
            eta2 = between / ((x - x.mean()) ** 2).sum()
            df = len(groups) - 1
            one["strength"] = math.sqrt(max(0.0, 1 - (1 - eta2) * (len(x) - 1) / (len(x) - len(groups))))
        else:
            rho = scipy.stats.spearmanr(x, rows[label]).statistic
            one["spearman"] = rho
            df = 1

            class h:  # its variance in any order is exactly 1 / (n - 1)
                statistic = rho * rho * (len(x) - 1)
        one["order_p"] = float(scipy.stats.chi2.sf(h.statistic / design, df))
        if design == 1 and label != "amount":
            assert abs(one["order_p"] - h.pvalue) < 1e-9
        out.append(one)
    return out


def over_time(d):
    rows = d[d["y"].notna() & d["when"].notna()]
    month, good = rows["when"].str[:7], rows["y"] == "good"
    share = min(good.mean(), 1 - good.mean())
    periods, table, cell = [], [], np.zeros(2, int)
    for name in pd.period_range(month.min(), month.max(), freq="M").astype(str):
        here = good[month == name]
        n, k = len(here), int(here.sum())
        low, high = proportion_confint(k, n, method="wilson") if n else (None, None)
        periods.append({"name": name, "rows": n, "positive": k, "low": low, "high": high})
        cell = cell + [n - k, k]
        if cell.sum() * share >= 5:
            table.append(cell)
            cell = np.zeros(2, int)
    table[-1] = table[-1] + cell
    table = np.array(table)
    chi2, p, df, _ = scipy.stats.chi2_contingency(table, correction=False)
    n, (r, k) = table.sum(), table.shape
    phi2 = max(0.0, chi2 / n - (k - 1) * (r - 1) / (n - 1))
    v = math.sqrt(phi2 / (min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1))
    return {"rows": int(n), "positive": int(good.sum()), "periods": periods, "compared": r, "chi2": chi2, "df": df, "p": p,
            "v": v}


def ends():
    """That the last k of n rows are all of one kind, by the hypergeometric law."""
    out = []
    for n, positive, k in ((400, 150, 9), (50, 45, 12), (1000, 3, 400), (7214, 3251, 998)):
        p = scipy.stats.hypergeom.pmf(k, n, positive, k) + scipy.stats.hypergeom.pmf(0, n, positive, k)
        out.append({"rows": n, "positive": positive, "last": k, "p": float(min(1, p))})
    return out


def main():
    d = make()
    text = io.StringIO()
    d.to_csv(text, index=False)
    out = {"made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                         "pandas": pd.__version__, "statsmodels": statsmodels.__version__, "python": sys.version.split()[0]},
           "calls": {"auc": "sklearn.metrics.roc_auc_score", "order_p": "scipy.stats.kruskal (binary: = mannwhitneyu("
                     "use_continuity=False, method='asymptotic')), its statistic over the design effect", "spearman":
                     "scipy.stats.spearmanr", "periods": "statsmodels proportion_confint(method='wilson'), "
                     "scipy.stats.chi2_contingency(correction=False)", "ends": "scipy.stats.hypergeom.pmf"},
           "csv": text.getvalue(), "trails": {label: trails(d, label) for label in ("y", "kind", "amount")},
           "over_time": over_time(d), "ends": ends()}
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
