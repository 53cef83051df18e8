#!/usr/bin/env python3
"""Every quantity of the profile of a table with columns of all types, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy pandas scipy
    v/bin/python tests/oracle/profile.py >tests/oracle/profile.json

The table is in the output as CSV, as pandas writes it. "far" is not further away because pandas' own sums lose
digits there: at 1e9 its kurtosis is off by 3e-8, ours by 3e-15 (fractions.Fraction). Times are milliseconds since 1970, bools 0 and 1.
"""
import io
import json
import math
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.stats

AT = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


def make():
    g = np.random.default_rng(20261128)
    n = 700
    d = pd.DataFrame({
        "whole": g.integers(-300, 300, n).astype(float), "price": np.round(np.exp(g.normal(3, 1, n)), 2),
        "mixed": np.where(g.random(n) < 0.5, np.round(g.normal(0, 5, n), 1), g.normal(0, 5, n)),
        "tail": np.round(g.standard_t(2, n) * 7, 3), "steps": np.cumsum(np.round(g.normal(0, 1, n), 2)).round(2),
        "far": 1e6 + np.round(g.normal(0, 2, n), 1), "few": g.integers(0, 4, n).astype(float), "same": np.full(n, 2.5),
        "flag": g.random(n) < 0.3,
        "when": pd.Timestamp("2024-02-28") + pd.to_timedelta(g.integers(0, 90 * 24 * 60, n), unit="min"),
        "city": np.array(["Basel", "Bern", "Zug", "Gen\u00e8ve", "La Chaux-de-Fonds"])[np.minimum(4, g.geometric(0.5, n) - 1)],
        "code": [f"{i:04d}" for i in g.integers(0, 40, n)], "even": np.array(["a", "b", "c", "d"])[np.arange(n) % 4]})
    d["flag"] = d["flag"].map({True: "yes", False: "no"})
    d["when"] = d["when"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    for c, share in (("whole", 0.05), ("price", 0.2), ("tail", 0.9), ("flag", 0.1), ("when", 0.02), ("city", 0.07)):
        d.loc[g.random(n) < share, c] = np.nan
    d["whole"], d["few"] = d["whole"].astype("Int64"), d["few"].astype("Int64")
    return d


def numbers(s, x):
    q1, q3 = np.quantile(x, [0.25, 0.75])
    c = x - x.mean()
    edges = np.histogram_bin_edges(x, "fd") if q3 > q1 else []
    counts, edges = np.histogram(x, bins=min(256, max(10, len(edges) - 1)))
    fence = {k: float(v) for k, v in (("low", q1 - 1.5 * (q3 - q1)), ("high", q3 + 1.5 * (q3 - q1)), ("far_low", q1 - 3 * (q3 - q1)),
                                      ("far_high", q3 + 3 * (q3 - q1)))}
    if q1 == q3:
        fence = dict.fromkeys(fence)
        below = above = far_below = far_above = 0
    else:
        below, above = (x < fence["low"]).sum(), (x > fence["high"]).sum()
        far_below, far_above = (x < fence["far_low"]).sum(), (x > fence["far_high"]).sum()
    return {"mean": number(x.mean()), "variance": number(s.var()), "sd": number(s.std()), "skewness": number(s.skew()) if x.std() else None,
            "kurtosis": number(s.kurt()) if x.std() else None, "sum": number(s.sum()), "min": number(x.min()), "max": number(x.max()),
            "mad": number(scipy.stats.median_abs_deviation(x, scale=1.0)),
            "lag1": number((c[:-1] * c[1:]).sum() / (c * c).sum()) if x.std() else None, "quantiles": [number(q) for q in np.quantile(x, AT)],
            "edges": edges.tolist(), "counts": counts.tolist(), "fences": fence,
            "below": int(below), "above": int(above), "far_below": int(far_below), "far_above": int(far_above)}


def column(name, s):
    out = {"name": name, "rows": len(s), "missing": int(s.isna().sum()), "count": int(s.count()), "distinct": int(s.nunique())}
    there = s.dropna()
    counts = there.value_counts()
    if name in ("city", "code", "even", "flag"):
        shares = counts / counts.sum()
        entropy = float(scipy.stats.entropy(shares, base=2))
        out.update({"entropy": entropy, "imbalance": 1 - entropy / math.log2(len(counts))})
        # Ties by the bytes.
        out["top"] = [[str(v), int(k)] for v, k in sorted(counts.items(), key=lambda t: (-t[1], str(t[0]).encode()))[:10]]
    elif name != "when":
        out["top"] = [[number(v), int(k)] for v, k in sorted(counts.items(), key=lambda t: (-t[1], t[0]))[:10]]
    if name == "flag":
        there = there.map({"yes": 1.0, "no": 0.0})
    elif name == "when":
        there = (pd.to_datetime(there) - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(milliseconds=1)
    if name not in ("city", "code", "even"):
        out.update(numbers(there, there.to_numpy(float)))
    return out


def main():
    text = io.StringIO()
    make().to_csv(text, index=False)
    # What is compared is what is in the file.
    d = pd.read_csv(io.StringIO(text.getvalue()), dtype={"code": str}, float_precision="round_trip")
    json.dump({"made_with": {"numpy": np.__version__, "pandas": pd.__version__, "scipy": scipy.__version__,
                             "python": sys.version.split()[0]},
               "calls": {"moments": "pandas Series.mean .var .std .skew .kurt .sum", "quantiles, fences": "numpy.quantile(x, at)",
                         "mad": "scipy.stats.median_abs_deviation(x, scale=1.0)", "lag1": "its definition",
                         "histogram": "numpy.histogram(x, bins), bins from numpy.histogram_bin_edges(x, 'fd') kept in 10..256",
                         "distinct, top": "pandas Series.nunique .value_counts", "entropy": "scipy.stats.entropy(shares, base=2)",
                         "imbalance": "1 - entropy / log2(k)"},
               "at": AT, "csv": text.getvalue(), "columns": [column(c, d[c]) for c in d]}, sys.stdout, indent=0, allow_nan=False)
    print()


main()
