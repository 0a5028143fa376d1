"""XGBoost without what it does not need."""

from __future__ import annotations

import os
import sys
from types import ModuleType


def load() -> ModuleType:
    """XGBoost imports pandas and scikit-learn when it finds them: 1.4 of 1.7 seconds, for interfaces that are not used here."""
    if "xgboost" in sys.modules:
        return sys.modules["xgboost"]
    # Threads that wait must not spin: on a busy machine that makes two slower than one.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    hidden = [name for name in ("pandas", "sklearn") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented way to make an import fail
    try:
        import xgboost
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
    return xgboost
