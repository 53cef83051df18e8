"""Writes stats.json: inputs, and what the reference functions make of them.

    python3 -m venv V && V/bin/pip install numpy pandas scipy scikit-learn statsmodels
    V/bin/python tests/oracle/stats.py > tests/oracle/stats.json

The versions used stand in the file. DeLong's variance has no reference function in these packages:
it is computed here from its definition, the m x n matrix of comparisons, in plain numpy; calibration
errors likewise.
"""
import json
import sys

import numpy as np
import pandas as pd
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm
import statsmodels
from statsmodels.stats.proportion import proportion_confint

QUANTILES = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]


def number(x):
    x = float(x)
    return x if np.isfinite(x) else None


def column(name, values):
    x = np.asarray(values, float)
    s = pd.Series(x)
    d = x - x.mean()
    fd = np.histogram_bin_edges(x, "fd") if np.ptp(x) > 0 else []
    bins = min(max(len(fd) - 1, 10), 256)
    counts, edges = np.histogram(x, bins=bins)
    return {
        "name": name, "values": x.tolist(), "sum": number(s.sum()), "mean": number(s.mean()),
        "variance": number(s.var()), "sd": number(s.std()), "skewness": number(s.skew()),
        "kurtosis": number(s.kurt()), "min": number(s.min()), "max": number(s.max()),
        "lag1": number((d[:-1] * d[1:]).sum() / (d * d).sum()) if np.ptp(x) > 0 else None,
        "mad": number(scipy.stats.median_abs_deviation(x, scale=1.0)), "distinct": int(s.nunique()),
        "quantiles": [number(np.quantile(x, q)) for q in QUANTILES],
        "bins": bins, "edges": edges.tolist(), "counts": counts.tolist(),
    }


def delong(y, a, b):
    """Placements by the whole matrix of comparisons; sample covariances of them."""
    def placements(s):
        pos, neg = s[y == 1][:, None], s[y == 0][None, :]
        won = (pos > neg) + 0.5 * (pos == neg)
        return won.mean(axis=1), won.mean(axis=0)
    (pa, na), (pb, nb) = placements(a), placements(b)
    cov = np.cov(pa, pb) / len(pa) + np.cov(na, nb) / len(na)
    return cov, pa.mean() - pb.mean()


def calibration(y, s, edges_or_bins):
    if np.isscalar(edges_or_bins):  # equal mass: ranks cut in tenths, ties in the bin of the first
        order = np.argsort(s, kind="stable")
        bin_of = np.empty(len(s), int)
        for r, i in enumerate(order):
            first = r if r == 0 or s[order[r - 1]] != s[i] else first
            bin_of[i] = first * edges_or_bins // len(s)
    else:
        bin_of = np.clip(np.digitize(s, edges_or_bins) - 1, 0, len(edges_or_bins) - 2)
    ece, mce = 0.0, 0.0
    for b in np.unique(bin_of):
        here = bin_of == b
        gap = abs(y[here].mean() - s[here].mean())
        ece += here.mean() * gap
        mce = max(mce, gap)
    return ece, mce


def scores(name, y, a, b):
    y, a, b = np.asarray(y, int), np.asarray(a, float), np.asarray(b, float)
    cov, difference = delong(y, a, b)
    se = np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    z = scipy.stats.norm.ppf(0.975)
    auc = skm.roc_auc_score(y, a)
    tn, fp, fn, tp = skm.confusion_matrix(y, a >= 0.5).ravel()
    ece, mce = calibration(y, a, np.arange(11) / 10)
    ece_mass, mce_mass = calibration(y, a, 10)
    return {
        "name": name, "label": y.tolist(), "a": a.tolist(), "b": b.tolist(),
        "auc": auc, "auc_b": skm.roc_auc_score(y, b), "variance": cov[0, 0], "variance_b": cov[1, 1],
        "low": max(0.0, auc - z * np.sqrt(cov[0, 0])), "high": min(1.0, auc + z * np.sqrt(cov[0, 0])),
        "covariance": cov[0, 1], "difference": difference, "se": number(se),
        "p": number(2 * scipy.stats.norm.sf(abs(difference) / se)) if se > 0 else None,
        "average_precision": skm.average_precision_score(y, a), "log_loss": skm.log_loss(y, a),
        "brier": skm.brier_score_loss(y, a), "accuracy": skm.accuracy_score(y, a >= 0.5),
        "confusion": [int(tp), int(fp), int(fn), int(tn)],
        "ece": ece, "mce": mce, "ece_mass": ece_mass, "mce_mass": mce_mass,
    }


def main():
    g = np.random.default_rng(20261123)
    columns = [
        column("normal", g.normal(3, 2, 301)),
        column("lognormal", np.exp(g.normal(0, 1.5, 257))),
        column("cauchy", g.standard_cauchy(199)),
        column("far", 1e9 + g.normal(0, 1, 120)),
        column("tiny", g.normal(0, 1, 64) * 1e-100),
        column("huge", g.normal(0, 1, 64) * 1e70),
        column("small integers", g.integers(0, 7, 1500).astype(float)),
        column("zero inflated", np.where(g.random(400) < 0.9, 0.0, g.exponential(1000, 400))),
        column("tenths", np.round(g.uniform(0, 1, 900), 1)),
        column("one decimal ties", np.round(g.normal(50, 9, 611), 1)),
        column("constant", np.full(17, 0.1)),
        column("one", [4.25]), column("two", [1.5, -2.0]), column("three", [1.0, 2.0, 10.0]),
        column("four", [1.0, 2.0, 10.0, -3.5]), column("negative zero", [-0.0, 0.0, 1.0, -1.0, 0.0]),
    ]
    y = (g.random(260) < 0.3).astype(int)
    fair = 1 / (1 + np.exp(-(g.normal(0, 1, 260) + 1.6 * y - 1.2)))
    other = 1 / (1 + np.exp(-(g.normal(0, 1.4, 260) + 1.1 * y - 0.4)))
    near = np.clip(fair + g.normal(0, 0.01, 260), 0, 1)
    cases = [
        scores("plain", y, fair, other), scores("related", y, fair, near),
        scores("ties", y, np.round(fair, 1), np.round(other, 1)),
        scores("one score", y, np.full(260, 0.25), other),
        scores("perfect", y, 0.1 + 0.8 * y, fair), scores("reversed", y, 1 - fair, fair),
        scores("certain", y, np.where(g.random(260) < 0.7, y, 1 - y), other),
        scores("few", [1, 0, 1, 0, 0], [0.9, 0.1, 0.4, 0.4, 0.3], [0.2, 0.1, 0.8, 0.7, 0.05]),
    ]
    predicted, actual = g.normal(10, 3, 150), g.normal(10, 3, 150)
    predicted += actual
    samples = [(g.normal(0, 1, 90), g.normal(0.3, 1.2, 140)), (np.round(g.normal(0, 2, 80)), np.round(g.normal(0, 2, 33))),
               (np.array([1.0, 2.0]), np.array([3.0]))]
    counts = [[3, 9, 0, 12, 1], [5, 5, 5, 5], [7, 1], [1, 1000, 10, 0, 3]]
    trials = [(0, 10), (10, 10), (1, 10), (37, 91), (2, 3), (12345, 99999), (0, 1)]
    out = {
        "made_with": {"numpy": np.__version__, "pandas": pd.__version__, "scipy": scipy.__version__,
                      "sklearn": sklearn.__version__, "statsmodels": statsmodels.__version__,
                      "python": sys.version.split()[0]},
        "calls": {"moments": "pandas.Series.mean/var/std/skew/kurt", "quantiles": "numpy.quantile(x, q)",
                  "mad": "scipy.stats.median_abs_deviation(x, scale=1.0)",
                  "bins": "len(numpy.histogram_bin_edges(x, 'fd')) - 1, kept in 10..256",
                  "counts": "numpy.histogram(x, bins)", "auc": "sklearn.metrics.roc_auc_score",
                  "average_precision": "sklearn.metrics.average_precision_score", "log_loss": "sklearn.metrics.log_loss",
                  "brier": "sklearn.metrics.brier_score_loss", "ks": "scipy.stats.ks_2samp(a, b).statistic",
                  "wilson": "statsmodels proportion_confint(k, n, 0.05, method='wilson')",
                  "entropy": "scipy.stats.entropy(counts, base=2)", "normal": "scipy.stats.norm.cdf / .ppf"},
        "quantile_at": QUANTILES, "columns": columns, "scores": cases,
        "regression": {"predicted": predicted.tolist(), "actual": actual.tolist(),
                       "r2": skm.r2_score(actual, predicted),
                       "rmse": float(np.sqrt(skm.mean_squared_error(actual, predicted))),
                       "mae": skm.mean_absolute_error(actual, predicted)},
        "ks": [{"a": a.tolist(), "b": b.tolist(), "value": float(scipy.stats.ks_2samp(a, b).statistic)} for a, b in samples],
        "entropy": [{"counts": c, "value": float(scipy.stats.entropy(c, base=2))} for c in counts],
        "wilson": [{"k": k, "n": n, "low": proportion_confint(k, n, 0.05, method="wilson")[0],
                    "high": proportion_confint(k, n, 0.05, method="wilson")[1]} for k, n in trials],
        "normal": [{"x": x, "cdf": scipy.stats.norm.cdf(x)} for x in (-8.0, -3.0, -0.5, 0.0, 1.0, 2.5, 6.0)],
        "normal_quantile": [{"p": p, "x": scipy.stats.norm.ppf(p)} for p in (1e-12, 0.001, 0.025, 0.3, 0.5, 0.975, 0.9999)],
    }
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


main()
