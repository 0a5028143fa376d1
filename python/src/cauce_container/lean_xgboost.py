"""XGBoost without the pandas and scikit-learn that it imports when it finds them: most of the time of a short job."""

from __future__ import annotations

import os
import sys

# Threads that wait must not spin: on a busy machine that makes two slower than one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
_hidden = [name for name in ("pandas", "sklearn") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]  # the documented way to make an import fail
try:
    import xgboost
    from xgboost import callback
finally:
    for _name in _hidden:
        sys.modules.pop(_name, None)

__all__ = ["callback", "xgboost"]
