"""What a notebook begins with. Argument: table.csv"""

import json
import resource
import sys
import time

import pandas as pd

began = time.perf_counter()
pd.read_csv(sys.argv[1], parse_dates=["signed_up", "seen_at"])
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
