#!/usr/bin/env python3
"""Expected splits of one column by another, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy scipy scikit-learn pandas
    v/bin/python tests/oracle/splits.py >tests/oracle/splits.json

Of sample-data/applications-2026-07.csv, and of Adult's training file in ../shared/data. DeLong's variance is written out
by its definition (1988).
"""
import json
import math
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm

AT = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
SAMPLE = "sample-data/applications-2026-07.csv"
ADULT = "../shared/data/adult/adult.data"
ADULT_NAMES = ("age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
               "capital_loss hours_per_week native_country income").split()


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


def delong(x, y):
    ones, zeros = x[y == 1], np.sort(x[y == 0])
    ahead = (np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")) / 2 / len(zeros)
    ones = np.sort(ones)
    zeros = x[y == 0]
    behind = 1 - (np.searchsorted(ones, zeros, "left") + np.searchsorted(ones, zeros, "right")) / 2 / len(ones)
    auc = skm.roc_auc_score(y, x)
    se = math.sqrt(ahead.var(ddof=1) / len(ahead) + behind.var(ddof=1) / len(behind))
    z = scipy.stats.norm.ppf(0.975)
    return {"auc": auc, "auc_low": max(0, auc - z * se), "auc_high": min(1, auc + z * se)}


def split(d, column, by, most=12, positive=None):
    """by: the name of a column, or a series of group names, which are in no order of their own then."""
    keys = d[by].astype(object).where(d[by].notna(), "missing") if isinstance(by, str) else by
    counts = keys[keys != "missing"].value_counts()
    name = by if isinstance(by, str) else keys.name
    if len(counts) > most:
        kept = sorted(counts.index, key=lambda v: (-counts[v], v))[:most - 1]
        keys = keys.where(keys.isin(kept) | (keys == "missing"), f"other ({len(counts) - most + 1} values)")
    x = d[column]
    numeric = pd.api.types.is_numeric_dtype(x)
    out = {"column": column, "by": name, "groups": []}
    for key, part in x.groupby(keys):
        one = {"name": str(key), "rows": len(part), "missing": int(part.isna().sum())}
        if numeric:
            there = part.dropna()
            one.update(mean=number(there.mean()), sd=number(there.std()), min=number(there.min()),
                       max=number(there.max()), quantiles=[number(q) for q in np.quantile(there, AT)])
        else:
            one["values"] = {str(v): int(n) for v, n in part.value_counts().items()}
        out["groups"].append(one)
    there = x.notna() & (keys != "missing")
    if numeric:
        groups = [part for _, part in x[there].groupby(keys[there])]
        f = scipy.stats.f_oneway(*groups)
        mean = x[there].mean()
        between = sum(len(g) * (g.mean() - mean) ** 2 for g in groups)
        out.update(f=f.statistic, p=f.pvalue, eta=math.sqrt(between / ((x[there] - mean) ** 2).sum()))
        if positive:
            out.update(delong(x[there].to_numpy(float), (keys[there] == positive).to_numpy(int)))
    else:
        chi2, p, df, _ = scipy.stats.chi2_contingency(pd.crosstab(x[there], keys[there]), correction=False)
        n, r, k = there.sum(), x[there].nunique(), keys[there].nunique()
        # Bergsma (2013), A bias-correction for Cramer's V and Tschuprow's T.
        phi2 = max(0.0, chi2 / n - (k - 1) * (r - 1) / (n - 1))
        least = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
        out.update(chi2=chi2, df=int(df), p=p, v=math.sqrt(phi2 / least))
    return out


def main():
    d = pd.read_csv(SAMPLE)
    d["repaid"] = d["repaid"].map({"yes": "true", "no": "false"})
    received = pd.to_datetime(d["received"])
    days = received.dt.strftime("%Y-%m-%d").rename("received")
    a = pd.read_csv(ADULT, names=ADULT_NAMES, skipinitialspace=True, na_values="?")
    out = {"made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                         "pandas": pd.__version__, "python": sys.version.split()[0]},
           "calls": {"groups": "pandas Series.groupby: mean, std, min, max; numpy.quantile; value_counts",
                     "f, p": "scipy.stats.f_oneway", "chi2, df, p": "scipy.stats.chi2_contingency(correction=False)",
                     "auc": "sklearn.metrics.roc_auc_score", "days": "pandas dt.strftime"},
           "sample": [split(d, "income", "people"), split(d, "income", "repaid", positive="true"),
                      split(d, "amount", "postcode"), split(d, "channel", "people"), split(d, "debt_ratio", "sex"),
                      split(d, "income", "term")],
           "sample_days": split(d, "age", days, most=36),
           "adult": [split(a, "age", "workclass"), split(a, "hours_per_week", "income", positive=">50K"),
                     split(a, "capital_gain", "occupation"), split(a, "fnlwgt", "native_country"),
                     split(a, "occupation", "sex"), split(a, "workclass", "education")]}
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


if __name__ == "__main__":
    main()
