"""Metrics by name: XGBoost's own, and those that the image adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

OWN = {
    *"rmse rmsle mae mape mphe logloss error merror mlogloss auc aucpr ndcg map poisson-nloglik gamma-nloglik cox-nloglik gamma-deviance".split(),
    *"tweedie-nloglik aft-nloglik interval-regression-accuracy pre quantile".split(),
}
ADDED = {
    *"accuracy balanced_accuracy f1 f1_binary f1_macro precision precision_macro precision_micro recall recall_macro recall_micro mse r2".split()
}


def is_metric(name: str) -> bool:
    return name in ADDED or name.split("@", maxsplit=1)[0] in OWN


def split_metrics(names: list[str]) -> tuple[list[str], list[str]]:
    return [name for name in names if name not in ADDED], [name for name in names if name in ADDED]


def custom_metrics(names: list[str], objective: str) -> Callable[[np.ndarray, Any], list[tuple[str, float]]]:
    from sklearn import metrics

    def compute(name: str, labels: np.ndarray, predicted: np.ndarray, raw: np.ndarray) -> float:
        if name == "accuracy":
            return metrics.accuracy_score(labels, predicted)
        if name == "balanced_accuracy":
            return metrics.balanced_accuracy_score(labels, predicted)
        if name == "mse":
            return metrics.mean_squared_error(labels, raw)
        if name == "r2":
            return metrics.r2_score(labels, raw)
        kind, _, average = name.partition("_")
        score: Any = {"f1": metrics.f1_score, "precision": metrics.precision_score, "recall": metrics.recall_score}[kind]
        # AWS: f1, precision and recall without more are those of the positive class; f1 alone is the macro average.
        return score(labels, predicted, average=average or ("macro" if kind == "f1" else "binary"), zero_division=0)

    def metric(raw: np.ndarray, data: Any) -> list[tuple[str, float]]:
        labels = data.get_label()
        predicted = to_classes(raw, objective)
        return [(name, float(compute(name, labels, predicted, raw))) for name in names]

    return metric


def to_classes(raw: np.ndarray, objective: str) -> np.ndarray:
    if raw.ndim > 1:
        return raw.argmax(axis=1)
    if objective == "multi:softmax":
        return raw
    return (raw > (0 if objective == "binary:logitraw" else 0.5)).astype(int)
