#!/usr/bin/env python3
"""Expected values for weights, analysis of variance and relations of two columns, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy scipy statsmodels scikit-learn
    v/bin/python tests/oracle/columns.py >tests/oracle/columns.json

What no library has (Bergsma's correction of Cramer's V, Kish's effective n) is written out here from its paper.
"""
import json
import math
import sys

import numpy as np
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm
import statsmodels
from statsmodels.stats.weightstats import DescrStatsW

AT = [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0]


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


def numbers(values):
    return [number(v) for v in values]


def weighted(name, x, w):
    x, w = np.asarray(x, float), np.asarray(w, float)
    d = DescrStatsW(x, weights=w, ddof=0)
    effective = w.sum() ** 2 / (w ** 2).sum()
    variance = float(np.cov(x, aweights=w))
    assert math.isclose(variance, d.var * effective / (effective - 1), rel_tol=1e-9)
    return {"name": name, "values": x.tolist(), "weights": w.tolist(), "weight": d.sum_weights, "mean": d.mean,
            "variance": variance, "effective": effective, "se": math.sqrt(variance / effective),
            "quantiles": numbers(np.quantile(x, AT, weights=w, method="inverted_cdf"))}


def frequency(name, x, w):
    x, w = np.asarray(x, float), np.asarray(w, int)
    d = DescrStatsW(x, weights=w, ddof=1)
    rows = np.repeat(x, w)
    return {"name": name, "values": x.tolist(), "weights": w.tolist(), "count": int(w.sum()), "mean": d.mean,
            "variance": d.var, "skewness": float(scipy.stats.skew(rows, bias=False)),
            "kurtosis": float(scipy.stats.kurtosis(rows, bias=False)),
            "quantiles": np.quantile(rows, AT).tolist()}


def pair(name, x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = np.isfinite(x) & np.isfinite(y)
    pearson, spearman = scipy.stats.pearsonr(x[there], y[there]), scipy.stats.spearmanr(x[there], y[there])
    return {"name": name, "x": numbers(x), "y": numbers(y), "n": int(there.sum()), "pearson": pearson.statistic,
            "pearson_p": pearson.pvalue, "spearman": spearman.statistic, "spearman_p": number(spearman.pvalue)}


def association(name, a, b):
    a, b = np.asarray(a), np.asarray(b)
    there = (a >= 0) & (b >= 0)
    x, y = a[there], b[there]
    table = np.array([[np.sum((x == i) & (y == j)) for j in np.unique(y)] for i in np.unique(x)])
    chi2, p, df, _ = scipy.stats.chi2_contingency(table, correction=False)
    n, (r, k) = table.sum(), table.shape
    # Bergsma (2013), A bias-correction for Cramer's V and Tschuprow's T.
    phi2 = max(0.0, chi2 / n - (k - 1) * (r - 1) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    return {"name": name, "a": a.tolist(), "b": b.tolist(), "n": int(n), "rows": r, "columns": k, "chi2": chi2,
            "df": int(df), "p": p, "v": math.sqrt(phi2 / least) if least > 0 else None,
            "mutual": float(skm.mutual_info_score(x, y)),
            "explains_b": float(skm.homogeneity_score(y, x)), "explains_a": float(skm.homogeneity_score(x, y))}


def anova(name, x, codes):
    x, codes = np.asarray(x, float), np.asarray(codes)
    groups = [x[codes == g] for g in np.unique(codes)]
    f = scipy.stats.f_oneway(*groups)
    between = sum(len(g) * (g.mean() - x.mean()) ** 2 for g in groups)
    within = sum(((g - g.mean()) ** 2).sum() for g in groups)
    return {"name": name, "values": x.tolist(), "codes": codes.tolist(), "f": f.statistic, "p": f.pvalue,
            "between": between, "within": within, "eta2": between / (between + within)}


def main():
    g = np.random.default_rng(20261127)
    x = g.normal(40, 12, 180)
    y = x * 0.3 + g.normal(0, 6, 180)
    holes = np.where(g.random(180) < 0.1, np.nan, y)
    incomes = np.round(np.exp(g.normal(10, 1, 150)), 2)
    survey = np.round(np.exp(g.normal(7, 1, 150)))
    # Sampling weights of the kind that a survey has, on which no share falls upon a quantile by chance.
    a = g.integers(0, 5, 400)
    b = np.where(g.random(400) < 0.4, a % 3, g.integers(0, 3, 400))
    out = {
        "made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                      "statsmodels": statsmodels.__version__, "python": sys.version.split()[0]},
        "calls": {"sampling": "statsmodels DescrStatsW(x, weights=w, ddof=0).mean; numpy.cov(x, aweights=w); "
                              "numpy.quantile(x, at, weights=w, method='inverted_cdf'); Kish: sum(w)^2/sum(w^2)",
                  "frequency": "DescrStatsW(x, weights=w, ddof=1).mean/.var; scipy.stats.skew/kurtosis(rows, bias=False); "
                               "numpy.quantile(rows, at)",
                  "pairs": "scipy.stats.pearsonr, scipy.stats.spearmanr of the complete pairs",
                  "associations": "scipy.stats.chi2_contingency(table, correction=False); sklearn mutual_info_score; "
                                  "sklearn homogeneity_score",
                  "anova": "scipy.stats.f_oneway",
                  "ranks": "scipy.stats.rankdata",
                  "auc": "sklearn.metrics.roc_auc_score"},
        "at": AT,
        "sampling": [weighted("survey", incomes, survey), weighted("even", x, np.full(180, 2.5)),
                     weighted("thin", g.normal(0, 1, 60), g.random(60)),
                     weighted("far", 1e6 + g.normal(0, 1, 70), g.exponential(1, 70))],
        "frequency": [frequency("counts", g.normal(5, 2, 60), g.integers(1, 9, 60)),
                      frequency("some none", np.round(g.normal(5, 2, 60), 1), g.integers(0, 4, 60)),
                      frequency("one each", g.exponential(3, 40), np.ones(40, int))],
        "pairs": [pair("related", x, y), pair("holes", x, holes), pair("noise", g.normal(0, 1, 90), g.normal(0, 1, 90)),
                  pair("ties", g.integers(0, 5, 200), g.integers(0, 4, 200)), pair("line", x, 2 * x + 1),
                  pair("against", np.arange(30), -np.arange(30) ** 3), pair("binary", x, x > g.normal(40, 9, 180)),
                  pair("far", 1e9 + x, y), pair("huge", x * 1e100, y * 1e-100), pair("three", [1, 2, 4], [1, 3, 2]),
                  pair("strong", x, x + g.normal(0, 1e-3, 180)), pair("two", [1, 2], [5, 3])],
        "long": (lambda u, v: {"r": scipy.stats.pearsonr(u, v).statistic, "p": scipy.stats.pearsonr(u, v).pvalue})(
            (np.arange(200000) * 7919 % 1009).astype(float), (np.arange(200000) * 104729 % 997 + (np.arange(200000) * 7919 % 1009) * 0.004)),
        "associations": [association("related", a, b), association("noise", g.integers(0, 4, 300), g.integers(0, 6, 300)),
                         association("missing", np.where(g.random(400) < 0.2, -1, a), b), association("the same", a, a),
                         association("two by two", a > 2, np.where(g.random(400) < 0.7, a > 2, b > 0)),
                         association("sparse", g.integers(0, 40, 120), g.integers(0, 30, 120)),
                         association("few", [0, 0, 1, 1, 2], [0, 1, 1, 1, 0])],
        "anova": [anova("three", x, g.integers(0, 3, 180)), anova("apart", x + 10 * (a[:180] % 4), a[:180] % 4),
                  anova("far", np.round(1e6 + x + a[:180], 1), a[:180])],
        "ranks": [{"values": v.tolist(), "ranks": scipy.stats.rankdata(v).tolist()}
                  for v in (np.round(x[:60]), np.array([0.0, -0.0, 3, -7, 3]), np.zeros(4))],
        "auc": {"feature": x.tolist(), "label": (y > 12).astype(int).tolist(), "value": skm.roc_auc_score(y > 12, x)},
    }
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
