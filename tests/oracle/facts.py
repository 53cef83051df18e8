#!/usr/bin/env python3
"""Expected values for the texts, the times and the weighted columns of a profile, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy pandas scipy statsmodels
    v/bin/python tests/oracle/facts.py >tests/oracle/facts.json

What no library has (Kish's effective n, the median of the absolute deviations) is written out here.
"""
import json
import math
import sys

import numpy as np
import pandas as pd
import statsmodels
from statsmodels.stats.weightstats import DescrStatsW

AT = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


def numbers(values):
    return [number(v) for v in values]


def texts(name, values):
    s = pd.Series(values, dtype="str")
    length = s.str.len()
    return {"name": name, "values": values, "length_min": int(length.min()), "length_max": int(length.max()),
            "length_mean": float(length.mean()), "length_sd": number(length.std()),
            "words_mean": float(s.str.split().str.len().mean()), "blank": int((s.str.strip() == "").sum()),
            "edge_blanks": int((s != s.str.strip()).sum()), "not_ascii": int((~s.map(str.isascii)).sum())}


def times(name, stamps):
    s = pd.Series(stamps)
    steps = pd.Series(np.sort(s.unique())).diff().dropna()
    ms = steps / np.timedelta64(1, "ms")
    unit = next(u for u, f in [("day", "D"), ("hour", "h"), ("minute", "min"), ("second", "s"), ("millisecond", "ms")]
                if (s.dt.floor(f) == s).all())
    return {"name": name, "values": [t.isoformat(timespec="milliseconds") + "Z" for t in s], "unit": unit,
            "by_hour": s.dt.hour.value_counts().reindex(range(24), fill_value=0).tolist(),
            "by_weekday": s.dt.day_of_week.value_counts().reindex(range(7), fill_value=0).tolist(),
            "by_month": s.dt.month.value_counts().reindex(range(1, 13), fill_value=0).tolist(),
            "rising": bool(s.is_monotonic_increasing), "step": number(ms.median()) if len(ms) else None,
            "gap": number(ms.max()) if len(ms) else None}


def edges(x):
    q1, q3 = np.quantile(x, [0.25, 0.75])
    bins = math.ceil((x.max() - x.min()) / (2 * (q3 - q1) / np.cbrt(len(x)))) if q3 > q1 else 0
    return np.linspace(x.min(), x.max(), min(256, max(10, bins)) + 1)


def frequency(name, x, w):
    x, w = np.asarray(x, float), np.asarray(w, int)
    rows = pd.Series(np.repeat(x, w))
    there = rows.dropna()
    d = DescrStatsW(x[~np.isnan(x)], weights=w[~np.isnan(x)], ddof=1)
    assert math.isclose(d.mean, there.mean(), rel_tol=1e-12) and math.isclose(d.var, there.var(), rel_tol=1e-12)
    q1, q3 = there.quantile(0.25), there.quantile(0.75)
    outside = (there < q1 - 1.5 * (q3 - q1)) | (there > q3 + 1.5 * (q3 - q1))
    return {"name": name, "values": numbers(x), "weights": w.tolist(), "rows": len(rows), "count": len(there),
            "missing": int(rows.isna().sum()), "distinct": int(there.nunique()), "mean": there.mean(),
            "variance": there.var(), "sd": there.std(), "skewness": there.skew(), "kurtosis": there.kurt(),
            "sum": there.sum(), "quantiles": there.quantile(AT).tolist(), "mad": (there - there.median()).abs().median(),
            "lag1": float(((there.to_numpy() - there.mean())[:-1] * (there.to_numpy() - there.mean())[1:]).sum() /
                          ((there - there.mean()) ** 2).sum()),
            "edges": edges(there.to_numpy()).tolist(),
            "counts": np.histogram(there, bins=edges(there.to_numpy()))[0].tolist(), "outside": int(outside.sum())}


def sampling(name, x, w):
    x, w = np.asarray(x, float), np.asarray(w, float)
    there = ~np.isnan(x)
    y, v = x[there], w[there]
    d = DescrStatsW(y, weights=v, ddof=0)
    effective = v.sum() ** 2 / (v ** 2).sum()
    variance = float(np.cov(y, aweights=v))
    at = edges(y)
    return {"name": name, "values": numbers(x), "weights": w.tolist(), "weight": d.sum_weights, "mean": d.mean,
            "variance": variance, "sd": math.sqrt(variance), "effective": effective, "se": math.sqrt(variance / effective),
            "design_effect": int((v > 0).sum()) / effective, "missing": w[~there].sum() / w.sum(),
            "quantiles": np.quantile(y, AT, weights=v, method="inverted_cdf").tolist(),
            "shares": (np.histogram(y, bins=at, weights=v)[0] / v.sum()).tolist(),
            "plain_mean": float(y.mean()), "plain_quantiles": np.quantile(y, AT).tolist()}


def main():
    g = np.random.default_rng(20261127)
    words = ["alpha", "Beta", "42", "7b", "Élan", "日本語", "naïve", "-", "x,y", "Ω", "e\u0301", "😀"]
    some = [" ".join(g.choice(words, g.integers(1, 7))) for _ in range(300)]
    blanks = ["a", " a", "a ", "\u00a0b", "  ", "\u3000", "c d", "c\td", " e  f ", "g\u2003h"]
    start = pd.Timestamp("1999-12-25T00:00:00.000")
    spread = [start + pd.Timedelta(int(m), "min") for m in np.sort(g.integers(0, 9_000_000, 400))]
    missing = np.where(g.random(200) < 0.1, np.nan, np.round(g.normal(50, 20, 200), 2))
    out = {
        "made_with": {"numpy": np.__version__, "pandas": pd.__version__, "statsmodels": statsmodels.__version__,
                      "python": sys.version.split()[0]},
        "calls": {"texts": "pandas Series.str.len().min/.max/.mean/.std, .str.split().str.len().mean(), .str.strip(), "
                           "str.isascii",
                  "times": "pandas Series.dt.hour/.day_of_week/.month.value_counts(), .is_monotonic_increasing, "
                           "diff of the sorted unique ones: .median(), .max()",
                  "frequency": "pandas Series of numpy.repeat(x, w): .mean .var .std .skew .kurt .sum .quantile .nunique; "
                               "numpy.histogram; statsmodels DescrStatsW(x, weights=w, ddof=1) agrees",
                  "sampling": "statsmodels DescrStatsW(x, weights=w, ddof=0).mean; numpy.cov(x, aweights=w); "
                              "numpy.quantile(x, at, weights=w, method='inverted_cdf'); Kish: sum(w)^2/sum(w^2); "
                              "numpy.histogram(x, weights=w)"},
        "at": AT,
        "texts": [texts("words", some), texts("blanks", blanks), texts("one", ["only"]),
                  texts("alike", ["same length"] * 3 + ["alike as ok"])],
        "times": [times("minutes", spread), times("shuffled", list(pd.Series(spread).sample(frac=1, random_state=3))),
                  times("days", list(pd.date_range("2024-02-26", periods=40))),
                  times("before", [pd.Timestamp(t) for t in ("1899-12-31T23:59:59", "1969-12-31T23:00:01", "1970-01-01",
                                                             "1600-02-29T12:00:00", "2100-03-01T01:02:03")]),
                  times("milliseconds", [pd.Timestamp("2026-11-27T10:00:00.125"), pd.Timestamp("2026-11-27T10:00:00.25")]),
                  times("hours", [start + pd.Timedelta(int(h), "h") for h in g.integers(0, 200_000, 300)])],
        "frequency": [frequency("some none", np.round(g.normal(5, 2, 300), 1), g.integers(0, 4, 300)),
                      frequency("missing", missing, g.integers(1, 9, 200)),
                      frequency("far", np.round(1e6 + g.normal(0, 1, 150), 3), g.integers(0, 1000, 150)),
                      frequency("skewed", np.round(g.exponential(3, 250), 2), g.integers(1, 50, 250))],
        "sampling": [sampling("survey", np.round(np.exp(g.normal(10, 1, 250)), 2), np.round(np.exp(g.normal(7, 1, 250)))),
                     sampling("missing", missing, np.round(g.exponential(1, 200) + 0.01, 3)),
                     sampling("some none", np.round(g.normal(0, 1, 200), 3), g.integers(0, 3, 200)),
                     sampling("even", np.round(g.normal(40, 9, 120), 1), np.full(120, 2.5))],
    }
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
