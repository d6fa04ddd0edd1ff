"""pandas in chunks of 10,000 rows, each grouped and the groups added up: python3 engine_pandas.py FILE"""

import json
import resource
import sys

import pandas

KEYS = ["ad_name", "day"]
FIGURES = ["impressions", "link_clicks", "amount_spent_gbp"]

chunks = pandas.read_csv(sys.argv[1], usecols=KEYS + FIGURES, chunksize=10_000)
parts = [chunk.groupby(KEYS, sort=False)[FIGURES].sum() for chunk in chunks]
totals = pandas.concat(parts).groupby(level=KEYS, sort=False).sum()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "cpuSeconds": used.ru_utime + used.ru_stime,
    "peakBytes": used.ru_maxrss * 1024,
    "groups": len(totals),
}))
