#!/usr/bin/env python3
"""Expected relations of a small table's columns, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy scipy scikit-learn pandas
    v/bin/python tests/oracle/relations.py >tests/oracle/relations.json

The table is in the output as CSV. What no library has is written out from its paper: Bergsma's correction of
Cramer's V, Kelley's epsilon, DeLong's variance (1988, by its definition).
"""
import io
import json
import math
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm

NUMBERS, CATEGORIES, LABEL = ["age", "income", "debt", "level", "twice"], ["city", "plan", "town", "member"], "y"


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


def make():
    g = np.random.default_rng(20261127)
    n = 400
    age = g.integers(18, 80, n).astype(float)
    income = np.round(np.exp(g.normal(8, 0.5, n) + age / 100), 2)
    debt = np.round(g.exponential(300, n) + 0.02 * income, 2)
    city = np.array(["Basel", "Bern", "Zug", "Chur"])[np.minimum(3, (age // 20).astype(int) + g.integers(-1, 1, n))]
    plan = np.array(["a", "b", "c"])[g.integers(0, 3, n)]
    member = np.where(g.random(n) < 0.3 + 0.4 * (plan == "a"), "yes", "no")
    y = np.where(g.random(n) < 1 / (1 + np.exp(-(age - 50) / 10)), "good", "bad")
    d = pd.DataFrame({"age": age, "income": income, "debt": debt, "level": g.integers(0, 5, n), "twice": 2 * age + 1,
                      "city": city, "plan": plan, "town": [{"Basel": "BS", "Bern": "BE", "Zug": "ZG", "Chur": "GR"}[c] for c in city],
                      "member": member, "y": y})
    both = g.random(n) < 0.1
    d.loc[both | (g.random(n) < 0.02), "income"] = np.nan
    d.loc[both | (g.random(n) < 0.02), "debt"] = np.nan
    d.loc[g.random(n) < 0.05, "plan"] = np.nan
    d.loc[g.random(n) < 0.03, "y"] = np.nan
    d = pd.concat([d, d.iloc[[3, 3, 10, 50]]], ignore_index=True)
    return d


def numbers(x, y):
    there = x.notna() & y.notna()
    x, y = x[there], y[there]
    pearson, spearman = scipy.stats.pearsonr(x, y), scipy.stats.spearmanr(x, y)
    return {"kind": "numbers", "n": len(x), "pearson": pearson.statistic, "pearson_p": pearson.pvalue,
            "spearman": spearman.statistic, "spearman_p": spearman.pvalue,
            "strength": max(abs(pearson.statistic), abs(spearman.statistic))}


def categories(a, b):
    there = a.notna() & b.notna()
    a, b = a[there], b[there]
    table = pd.crosstab(a, b).to_numpy()
    chi2, p, df, _ = scipy.stats.chi2_contingency(table, correction=False)
    n, (r, k) = table.sum(), table.shape
    phi2 = max(0.0, chi2 / n - (k - 1) * (r - 1) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    v = min(1.0, math.sqrt(phi2 / least))
    return {"kind": "categories", "n": int(n), "chi2": chi2, "df": int(df), "p": p, "v": v, "strength": v,
            "mutual": skm.mutual_info_score(a, b), "explains_b": skm.homogeneity_score(b, a),
            "explains_a": skm.homogeneity_score(a, b)}


def mixed(x, c):
    there = x.notna() & c.notna()
    x, c = x[there], c[there]
    groups = [g.to_numpy() for _, g in x.groupby(c)]
    f = scipy.stats.f_oneway(*groups)
    between = sum(len(g) * (g.mean() - x.mean()) ** 2 for g in groups)
    eta2 = between / ((x - x.mean()) ** 2).sum()
    n, k = len(x), len(groups)
    return {"kind": "number by category", "n": n, "groups": k, "eta": math.sqrt(eta2), "f": f.statistic, "p": f.pvalue,
            "strength": math.sqrt(max(0.0, 1 - (1 - eta2) * (n - 1) / (n - k)))}


def auc(x, y):
    there = x.notna() & y.notna()
    x, y = x[there].to_numpy(float), y[there].to_numpy(float)
    one, zero = x[y == 1], x[y == 0]
    psi = (one[:, None] > zero[None, :]) + 0.5 * (one[:, None] == zero[None, :])
    value = skm.roc_auc_score(y, x)
    se = math.sqrt(psi.mean(1).var(ddof=1) / len(one) + psi.mean(0).var(ddof=1) / len(zero))
    z = scipy.stats.norm.ppf(0.975)
    return {"auc": value, "auc_low": max(0.0, value - z * se), "auc_high": min(1.0, value + z * se)}


def relate(d, a, b):
    as_number = {"member": d["member"].map({"yes": 1.0, "no": 0.0})}
    if a in CATEGORIES and b in CATEGORIES:
        return categories(d[a], d[b])
    # A bool is a number beside a number.
    x, y = as_number.get(a, d[a]), as_number.get(b, d[b])
    if pd.api.types.is_numeric_dtype(x) and pd.api.types.is_numeric_dtype(y):
        return numbers(x, y)
    return mixed(x, y) if a in NUMBERS else mixed(y, x)


def main():
    d = make()
    y = d[LABEL].map({"good": 1.0, "bad": 0.0})
    out = {"made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                         "pandas": pd.__version__, "python": sys.version.split()[0]},
           "calls": {"numbers": "scipy.stats.pearsonr, spearmanr", "categories": "scipy.stats.chi2_contingency(pandas.crosstab, "
                     "correction=False); sklearn mutual_info_score, homogeneity_score", "mixed": "scipy.stats.f_oneway",
                     "auc": "sklearn.metrics.roc_auc_score", "missing": "pandas isna().corr(), sklearn jaccard_score",
                     "patterns": "pandas isna().value_counts()", "duplicates": "pandas duplicated().sum()"}}
    text = io.StringIO()
    d.to_csv(text, index=False)
    out["csv"] = text.getvalue()
    features = NUMBERS + CATEGORIES
    pairs = []
    for i, a in enumerate(features):
        for b in features[i + 1:]:
            pairs.append({"a": a, "b": b, **relate(d, a, b)})
    out["pairs"] = pairs
    label = []
    for a in features:
        r = categories(d[a], d[LABEL]) if a in CATEGORIES else numbers(d[a], y)
        if a not in ("city", "plan", "town"):
            r.update(auc(d["member"].map({"yes": 1.0, "no": 0.0}) if a == "member" else d[a], y))
        if a in NUMBERS:
            r["strength"] = abs(2 * r["auc"] - 1)
        label.append({"a": a, "b": LABEL, **r})
    out["to_label"] = label
    gone = d.isna()
    holed = [c for c in d if gone[c].any()]
    out["missing"] = [{"a": a, "b": b, "both": int((gone[a] & gone[b]).sum()), "phi": number(gone[a].astype(float).corr(gone[b].astype(float))),
                       "jaccard": skm.jaccard_score(gone[a], gone[b])} for i, a in enumerate(holed) for b in holed[i + 1:]]
    counts = gone[holed].value_counts()
    out["complete_rows"] = int((~gone.any(axis=1)).sum())
    out["patterns"] = [{"columns": ",".join(c for c, m in zip(holed, key) if m), "rows": int(rows)}
                       for key, rows in counts.items() if any(key)]
    out["duplicates"] = int(d.duplicated().sum())
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
