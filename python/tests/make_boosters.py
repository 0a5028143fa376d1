"""Writes test/vectors/boosters/<version>.json: small XGBoost models of every objective and shape that the native scorer reads.

Run it with each version of XGBoost whose files are to be read: python python/tests/make_boosters.py
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

PLACE = Path(__file__).resolve().parents[2] / "test" / "vectors" / "boosters"
ROWS = 120
SHOWN = 10
BASIC = {"max_depth": 3, "eta": 0.5, "seed": 1, "nthread": 1, "tree_method": "hist"}
ALL: dict[str, dict[str, Any]] = {
    "binary:logistic": {},
    "multi:softprob": {"num_class": 3, "max_depth": 2},
    "reg:squarederror": {},
    "binary:logitraw": {},
    "binary:hinge": {},
    "multi:softmax": {"num_class": 3, "max_depth": 2},
    "reg:logistic": {},
    "reg:squaredlogerror": {},
    "reg:pseudohubererror": {},
    "reg:absoluteerror": {},
    "count:poisson": {},
    "reg:gamma": {},
    "reg:tweedie": {},
}
SHAPES: dict[str, dict[str, Any]] = {
    "categories": {"objective": "binary:logistic", "max_cat_to_onehot": 1},
    "categories, one each": {"objective": "reg:squarederror", "max_cat_to_onehot": 100},
    "parallel trees": {"objective": "multi:softprob", "num_class": 3, "max_depth": 2, "num_parallel_tree": 2, "subsample": 0.5},
    "deep": {"objective": "reg:squarederror", "max_depth": 10, "min_child_weight": 0},
    "dart": {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5},
    "base score": {"objective": "binary:logistic", "base_score": 0.2},
    "stump": {"objective": "binary:logistic", "max_depth": 1},
    "leaf only": {"objective": "reg:squarederror", "gamma": 1e9},
    "early": {"objective": "reg:squarederror"},
}


def main() -> None:
    everything = xgb.__version__.startswith("3.2")
    chosen = {name: {"objective": name, **more} for name, more in ALL.items() if everything or name.startswith("binary:log")}
    chosen |= SHAPES if everything else {name: SHAPES[name] for name in ("categories", "parallel trees")}
    models = [make(name, {**BASIC, **params}) for name, params in chosen.items()]
    PLACE.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(model) for model in models)
    (PLACE / f"{xgb.__version__}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def make(name: str, params: dict[str, Any]) -> dict[str, Any]:
    random = np.random.default_rng(7)
    rows = random.normal(size=(ROWS, 4)).astype(np.float32)
    rows[:, 3] = random.integers(0, 9, ROWS)
    signal = rows[:, 0] + np.sin(3 * rows[:, 1]) + np.isin(rows[:, 3], [1, 4, 7])
    rows[random.random(rows.shape) < 0.1] = np.nan
    target = to_target(params["objective"], np.nan_to_num(signal))
    kinds = ["q", "q", "q", "c" if "categories" in name else "q"]
    data = xgb.DMatrix(rows, target, feature_types=kinds, enable_categorical=True)
    early = {"evals": [(data, "train")], "early_stopping_rounds": 2, "verbose_eval": False} if name == "early" else {}
    booster = xgb.train(params, data, num_boost_round=3 if name == "early" else 2, **early)
    if name == "early":
        booster.set_attr(best_iteration="1")
    shown = xgb.DMatrix(rows[:SHOWN], feature_types=kinds, enable_categorical=True)
    result = {
        "name": name,
        "ubj": base64.b64encode(gzip.compress(bytes(booster.save_raw("ubj")), mtime=0)).decode(),
        "rows": [None if np.isnan(value) else float(value) for value in rows[:SHOWN].ravel()],
        "margins": booster.predict(shown, output_margin=True).ravel().tolist(),
        "predictions": booster.predict(shown).ravel().tolist(),
    }
    if name == "binary:logistic":
        result["json"] = json.loads(bytes(booster.save_raw("json")))
    if name == "early":
        result["best"] = booster.predict(shown, iteration_range=(0, 2)).ravel().tolist()
    return result


def to_target(objective: str, signal: np.ndarray) -> np.ndarray:
    if objective.startswith("binary") or objective == "reg:logistic":
        return (signal > 0.5).astype(np.float32)
    if objective.startswith("multi"):
        return np.digitize(signal, [0, 1]).astype(np.float32)
    if objective.startswith("count"):
        return np.floor(np.exp(np.clip(signal, -1, 2)))
    return np.exp(np.clip(signal, -2, 2)) + 0.1


if __name__ == "__main__":
    main()
