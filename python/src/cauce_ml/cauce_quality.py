"""Scores in the layout of AWS's model-quality reports (SageMaker Model Monitor)."""

from __future__ import annotations

from typing import Any

import numpy as np

import cauce_metrics as m
from cauce_metrics import Floats
from cauce_scores import Scores

POINTS = 101


def quality(task: str, truth: Floats, scores: Scores) -> dict[str, Any]:
    """AWS: a deviation that is not known is the text "NaN" (developer guide, "Model quality metrics")."""
    if task == "regression":
        mse = scores.values["rmse"] ** 2
        return {"regression_metrics": {**measured(scores, "mae"), "mse": value(mse), **measured(scores, "rmse"), **measured(scores, "r2")}}
    classes = scores.outputs.shape[1]
    predicted = scores.outputs.argmax(axis=1).astype(np.float64)
    matrix = m.confusion(truth, predicted, classes)
    precision, recall, _ = m.precision_recall_f1(matrix)
    table = {str(i): {str(j): int(matrix[i, j]) for j in range(classes)} for i in range(classes)}
    if task == "multiclass":
        shares = matrix.sum(axis=1) / max(1, len(truth))
        weighted = {f"weighted_{name}": value(float((measure * shares).sum())) for name, measure in by_class(precision, recall).items()}
        return {"multiclass_classification_metrics": {"confusion_matrix": table, **measured(scores, "accuracy"), **weighted}}
    positives, negatives = max(1, int(matrix[1].sum())), max(1, int(matrix[0].sum()))
    return {
        "binary_classification_metrics": {
            "confusion_matrix": table,
            **measured(scores, "accuracy"),
            **measured(scores, "auc"),
            **{name: value(float(measure[1])) for name, measure in by_class(precision, recall).items() if name != "f1"},
            **measured(scores, "f1"),
            "true_positive_rate": value(matrix[1, 1] / positives),
            "true_negative_rate": value(matrix[0, 0] / negatives),
            "false_positive_rate": value(matrix[0, 1] / negatives),
            "false_negative_rate": value(matrix[1, 0] / positives),
            "receiver_operating_characteristic_curve": roc(truth, scores.outputs[:, 1]),
        }
    }


BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}


def by_class(precision: Floats, recall: Floats) -> dict[str, Floats]:
    return {
        "precision": precision,
        "recall": recall,
        **{name: f_beta(precision, recall, beta) for name, beta in (("f0_5", 0.5), ("f1", 1.0), ("f2", 2.0))},
    }


def f_beta(precision: Floats, recall: Floats, beta: float) -> Floats:
    below = beta**2 * precision + recall
    return np.where(below > 0, (1 + beta**2) * precision * recall / np.where(below > 0, below, 1), 0.0)


def measured(scores: Scores, name: str) -> dict[str, Any]:
    return {name: value(scores.values[name], scores.deviations[name])}


def value(number: float, deviation: float | None = None) -> dict[str, Any]:
    return {"value": float(number), "standard_deviation": "NaN" if deviation is None or not np.isfinite(deviation) else deviation}


def roc(truth: Floats, score: Floats) -> dict[str, list[float]]:
    """At most about a hundred points of the curve, from (0, 0) to (1, 1)."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(truth[order])[last]
    true = np.concatenate(([0.0], hits / max(1.0, float(truth.sum()))))
    false = np.concatenate(([0.0], (last + 1 - hits) / max(1.0, len(truth) - float(truth.sum()))))
    places = np.unique(np.linspace(0, len(true) - 1, POINTS).astype(np.intp))
    return {"false_positive_rates": false[places].round(6).tolist(), "true_positive_rates": true[places].round(6).tolist()}
