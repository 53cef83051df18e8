"""Writes bias.json: tables of decisions, and what other tools' functions make of them.

    python3 -m venv V && V/bin/pip install fairlearn aif360 smclarify aequitas statsmodels scikit-learn
    V/bin/python tests/oracle/bias.py > tests/oracle/bias.json

The versions used stand in the file; "calls" says which call gave which values. Groups are letters, A the largest
and the reference; the stratum is a small whole number. "nan" and "inf" stand for themselves.

"edges" holds groups in which nobody is selected, or nobody has a positive label, or both.
"""

import json
import math
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
import fairlearn.metrics as fm
from aequitas.bias import Bias
from aequitas.group import Group
from aif360.datasets import BinaryLabelDataset
from aif360.metrics import BinaryLabelDatasetMetric, ClassificationMetric
import aif360.sklearn.metrics as am
from smclarify.bias.metrics import posttraining as post, pretraining as pre
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

FAIRLEARN = """demographic_parity_difference demographic_parity_ratio equal_opportunity_difference
equal_opportunity_ratio equalized_odds_difference equalized_odds_ratio selection_rate_difference selection_rate_ratio
true_positive_rate_difference true_positive_rate_ratio true_negative_rate_difference true_negative_rate_ratio
false_positive_rate_difference false_positive_rate_ratio false_negative_rate_difference false_negative_rate_ratio
accuracy_score_difference accuracy_score_ratio accuracy_score_group_min zero_one_loss_difference zero_one_loss_ratio
precision_score_group_min recall_score_group_min balanced_accuracy_score_group_min f1_score_group_min""".split()
AIF360 = (
    """statistical_parity_difference disparate_impact equal_opportunity_difference average_odds_difference
average_abs_odds_difference equalized_odds_difference average_predictive_value_difference
true_positive_rate_difference false_positive_rate_difference false_positive_rate_ratio
false_negative_rate_difference false_negative_rate_ratio false_omission_rate_difference false_omission_rate_ratio
false_discovery_rate_difference false_discovery_rate_ratio error_rate_difference error_rate_ratio""".split()
)
AEQUITAS = "ppr pprev precision fdr for fpr fnr tpr tnr npv".split()


def number(x):
    x = float(x)
    return x if math.isfinite(x) else "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"


def made(seed, sizes, base, tpr, fpr):
    r = np.random.default_rng(seed)
    group = np.repeat(list("ABCDEFG"[: len(sizes)]), sizes)
    at = np.repeat(np.arange(len(sizes)), sizes)
    y = (r.random(len(at)) < np.array(base)[at]).astype(int)
    p = (r.random(len(at)) < np.where(y == 1, np.array(tpr)[at], np.array(fpr)[at])).astype(int)
    s = r.integers(0, 4, len(at))
    order = r.permutation(len(at))
    return group[order], y[order], p[order], s[order]


def fairlearn(g, y, p):
    out = {n: number(getattr(fm, n)(y, p, sensitive_features=g)) for n in FAIRLEARN}
    out["equalized_odds_difference_mean"] = number(
        fm.equalized_odds_difference(y, p, sensitive_features=g, agg="mean")
    )
    return out


def aif360(g, y, p):
    codes = {n: i for i, n in enumerate(sorted(set(g)))}
    f = pd.DataFrame({"g": [codes[x] for x in g], "y": y.astype(float)})
    truth = BinaryLabelDataset(df=f, label_names=["y"], protected_attribute_names=["g"])
    said = truth.copy()
    said.labels = p.reshape(-1, 1).astype(float)
    pairs, many = {n: {} for n in AIF360 + ["mean_difference", "class_imbalance", "kl_divergence"]}, {}
    for name, code in codes.items():
        if name == "A":
            continue
        how = dict(unprivileged_groups=[{"g": code}], privileged_groups=[{"g": codes["A"]}])
        m = ClassificationMetric(truth, said, **how)
        for n in AIF360:
            pairs[n][name] = number(getattr(m, n)())
        pairs["mean_difference"][name] = number(BinaryLabelDatasetMetric(truth, **how).mean_difference())
        two = (g == name) | (g == "A")
        yy = pd.Series(y[two], index=pd.Index(g[two], name="g"))
        pairs["class_imbalance"][name] = number(am.class_imbalance(yy, prot_attr="g", priv_group="A"))
        pairs["kl_divergence"][name] = number(am.kl_divergence(yy, prot_attr="g", priv_group="A"))
    m = ClassificationMetric(
        truth, said, unprivileged_groups=[{"g": codes["B"]}], privileged_groups=[{"g": codes["A"]}]
    )
    many["smoothed_empirical_differential_fairness"] = number(m.smoothed_empirical_differential_fairness())
    many["differential_fairness_bias_amplification"] = number(m.differential_fairness_bias_amplification())
    overall = {
        n: number(getattr(m, n)())
        for n in ("generalized_entropy_index", "theil_index", "coefficient_of_variation")
    }
    return {"reference": pairs, "worst": many, "overall": overall}


def clarify(g, y, p, s):
    f, yy, pp = pd.Series(g), pd.Series(y == 1), pd.Series(p == 1)
    rest = {}
    for name in sorted(set(g)):
        d = pd.Series(g == name)
        one = {
            "CI": lambda: pre.CI(f, d),
            "DPL": lambda: pre.DPL(f, d, yy),
            "KL": lambda: pre.KL(yy, d),
            "JS": lambda: pre.JS(yy, d),
            "LP": lambda: pre.LP(yy, d),
            "TVD": lambda: pre.TVD(yy, d),
            "KS": lambda: pre.KS(yy, d),
            "CDDL": lambda: pre.CDDL(f, d, yy, pd.Series(s)),
            "CDDPL": lambda: post.CDDPL(f, d, pp, pd.Series(s)),
            "DPPL": lambda: post.DPPL(f, d, pp),
            "DI": lambda: post.DI(f, d, pp),
        }
        for n in ("DCA", "DCR", "RD", "SD", "DAR", "DRR", "AD", "TE"):
            one[n] = lambda n=n: getattr(post, n)(f, d, yy, pp)
        for n, call in one.items():
            rest.setdefault(n, {})[name] = number(call())
    return {"rest": rest, "overall": {"GE": number(post.GE(yy, pp))}}


def aequitas(g, y, p):
    f = pd.DataFrame({"g": g.astype(str).astype(object), "score": p, "label_value": y})
    table, _ = Group().get_crosstabs(f, attr_cols=["g"])
    b = Bias().get_disparity_predefined_groups(
        table, original_df=f, ref_groups_dict={"g": "A"}, alpha=0.05, check_significance=False
    )
    return {
        "reference": {
            n
            + "_disparity": {
                row.attribute_value: number(row[n + "_disparity"])
                for _, row in b.iterrows()
                if row.attribute_value != "A"
            }
            for n in AEQUITAS
        }
    }


def rates(g, y, p):
    frame = fm.MetricFrame(
        metrics={
            "selection_rate": fm.selection_rate,
            "tpr": fm.true_positive_rate,
            "fpr": fm.false_positive_rate,
            "tnr": fm.true_negative_rate,
            "fnr": fm.false_negative_rate,
        },
        y_true=y,
        y_pred=p,
        sensitive_features=g,
    ).by_group
    return {n: {k: number(v) for k, v in frame[n].items()} for n in frame.columns}


def table(name, g, y, p, s):
    return {
        "name": name,
        "group": "".join(g),
        "label": "".join(map(str, y)),
        "decision": "".join(map(str, p)),
        "stratum": "".join(map(str, s)),
        "rates": rates(g, y, p),
        "fairlearn": {"worst": fairlearn(g, y, p)},
        "aif360": aif360(g, y, p),
        "clarify": clarify(g, y, p, s),
        "aequitas": aequitas(g, y, p),
    }


def intervals():
    one, two = [], []
    for x, n in [(0, 10), (1, 10), (5, 10), (10, 10), (37, 120), (0, 1), (1, 1), (299, 1000), (12, 100000)]:
        for level in (0.9, 0.95, 0.99):
            one.append(
                [
                    x,
                    n,
                    level,
                    *map(float, proportion_confint(x, n, 1 - level, "wilson")),
                    *map(float, proportion_confint(x, n, 1 - level, "beta")),
                ]
            )
    for a, n, b, m in [
        (56, 70, 48, 80),
        (9, 10, 3, 10),
        (10, 10, 0, 20),
        (5, 56, 0, 29),
        (0, 10, 0, 20),
        (10, 10, 10, 10),
        (181, 1000, 226, 1100),
        (0, 30, 7, 31),
        (30, 30, 12, 31),
    ]:
        for level in (0.9, 0.95, 0.99):
            lone = a == 0 or b == 0 or (a == n and b == m)
            d = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=1 - level)
            r = confint_proportions_2indep(
                a, n, b, m, method="log-adjusted" if lone else "log", compare="ratio", alpha=1 - level
            )
            two.append([a, n, b, m, level, *map(float, d), *map(float, r)])
    return {"one": one, "two": two}


def main():
    tables = [
        table("plain", *made(1, [420, 310, 260], [0.4, 0.3, 0.5], [0.7, 0.55, 0.62], [0.2, 0.28, 0.15])),
        table("two", *made(2, [501, 300], [0.45, 0.6], [0.8, 0.6], [0.3, 0.1])),
        table(
            "edges",
            *made(3, [90, 40, 30, 20], [0.5, 0.4, 0.0, 0.6], [0.6, 0.0, 0.5, 1.0], [0.2, 0.0, 0.4, 1.0])
        ),
    ]
    json.dump(
        {
            "versions": {
                n: version(n)
                for n in (
                    "fairlearn",
                    "aif360",
                    "smclarify",
                    "aequitas",
                    "statsmodels",
                    "scikit-learn",
                    "numpy",
                    "pandas",
                )
            },
            "calls": {
                "fairlearn": "fairlearn.metrics.NAME(y, p, sensitive_features=g)",
                "aif360": "ClassificationMetric(truth, said, unprivileged [{g}], privileged [{A}]).NAME()",
                "clarify": "smclarify.bias.metrics.{pretraining,posttraining}.NAME, facet = the group",
                "aequitas": "Group().get_crosstabs, Bias().get_disparity_predefined_groups, reference A",
                "one": "x, n, level, proportion_confint wilson, beta",
                "two": "a, n, b, m, level, confint_proportions_2indep newcomb diff, log ratio",
            },
            "tables": tables,
            "intervals": intervals(),
        },
        sys.stdout,
        indent=1,
    )
    print()


main()
