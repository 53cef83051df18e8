#!/usr/bin/env python3
"""Expected splits of one column by another with weights, from the reference functions.

    python3 -m venv v && v/bin/pip install numpy scipy scikit-learn pandas statsmodels
    v/bin/python tests/oracle/splits_weighted.py >tests/oracle/splits_weighted.json

Of sample-data/applications-2026-07.csv. Frequencies: late_payments, often 0, as rows that are repeated (splits.py has what
is told of those). Sampling weights: debt_ratio, sometimes 0. Kish's effective n is written out.
"""
import json
import math
import sys

import numpy as np
import pandas as pd
import scipy
import sklearn
import statsmodels
from statsmodels.stats.weightstats import DescrStatsW

from splits import AT, SAMPLE, number, split


def sampling(d, column, by, weight):
    out = {"column": column, "by": by, "groups": []}
    for key, part in d.groupby(by):
        w, x = part[weight], part[column]
        there = x.notna() & (w > 0)
        y, v = x[there], w[there]
        one = {"name": str(key), "rows": len(part), "total": w.sum(), "share": w.sum() / d[weight].sum(),
               "missing": w[x.isna()].sum() / w.sum()}
        if pd.api.types.is_numeric_dtype(x):
            y, v = y.to_numpy(float), v.to_numpy(float)
            variance = float(np.cov(y, aweights=v))
            effective = v.sum() ** 2 / (v ** 2).sum()
            one.update(mean=DescrStatsW(y, weights=v, ddof=0).mean, sd=math.sqrt(variance), effective=effective,
                       se=math.sqrt(variance / effective), min=y.min(), max=y.max(), plain_mean=number(x.mean()),
                       quantiles=np.quantile(y, AT, weights=v, method="inverted_cdf").tolist())
        else:
            one["values"] = (v.groupby(y).sum() / v.sum()).to_dict()
        out["groups"].append(one)
    return out


def main():
    d = pd.read_csv(SAMPLE)
    d["repaid"] = d["repaid"].map({"yes": "true", "no": "false"})
    rows = d.loc[d.index.repeat(d["late_payments"])].reset_index(drop=True)
    out = {"made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
                         "pandas": pd.__version__, "statsmodels": statsmodels.__version__,
                         "python": sys.version.split()[0]},
           "calls": {"frequency": "pandas d.loc[d.index.repeat(w)], then as tests/oracle/splits.py",
                     "sampling": "statsmodels DescrStatsW(x, weights=w, ddof=0).mean; numpy.cov(x, aweights=w); "
                                 "numpy.quantile(x, at, weights=w, method='inverted_cdf'); pandas groupby sum of weights; "
                                 "Kish: sum(w)^2/sum(w^2)"},
           "frequency": [split(rows, "income", "people"), split(rows, "income", "repaid", positive="true"),
                         split(rows, "amount", "postcode"), split(rows, "channel", "people"),
                         split(rows, "years_employed", "sex"), split(rows, "people", "channel")],
           "sampling": [sampling(d, "income", "people", "debt_ratio"), sampling(d, "channel", "sex", "debt_ratio"),
                        sampling(d, "years_employed", "term", "debt_ratio"),
                        sampling(d, "repaid", "people", "debt_ratio")]}
    json.dump(out, sys.stdout, indent=0, allow_nan=False)
    print()


if __name__ == "__main__":
    main()
