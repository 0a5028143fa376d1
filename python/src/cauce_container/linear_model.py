"""The linear learner's model: one JSON file that anybody can read (docs/contracts/serving-container.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from .layout import MODEL

# AWS: the name of the file in the image's model.tar.gz. What is in it differs: there it is an archive of MXNet's.
FILE = "model_algo-1"


@dataclass
class LinearModel:
    predictor_type: str
    #: One row a class; one row for two classes and for numbers.
    weights: np.ndarray
    bias: np.ndarray
    threshold: float = 0.5
    #: False: the score is the distance to the plane (hinge loss), not a probability.
    probability: bool = True

    def predict(self, rows: np.ndarray) -> list[dict[str, Any]]:
        if rows.ndim != 2 or rows.shape[1] != self.weights.shape[1]:
            given = rows.shape[1] if rows.ndim == 2 else 0
            raise ValueError(f"feature dimension {given} does not match the model's {self.weights.shape[1]}")
        margins = rows @ self.weights.T + self.bias
        if self.predictor_type == "regressor":
            return [{"score": float(value)} for value in margins[:, 0]]
        if self.predictor_type == "binary_classifier":
            scores = sigmoid(margins[:, 0]) if self.probability else margins[:, 0]
            return [{"score": float(score), "predicted_label": int(score >= self.threshold)} for score in scores]
        scores = softmax(margins)
        return [{"score": row.tolist(), "predicted_label": int(row.argmax())} for row in scores]

    def write(self) -> None:
        MODEL.mkdir(parents=True, exist_ok=True)
        document = {
            "format": "cauce-linear",
            "version": 1,
            "predictor_type": self.predictor_type,
            "feature_dim": int(self.weights.shape[1]),
            "weights": self.weights.tolist(),
            "bias": self.bias.tolist(),
            "threshold": self.threshold,
            "probability": self.probability,
        }
        (MODEL / FILE).write_text(json.dumps(document))


def read_model() -> LinearModel:
    path = MODEL / FILE
    try:
        document = json.loads(path.read_text())
    except FileNotFoundError:
        raise FileNotFoundError(f"{FILE} is not in model.tar.gz.") from None
    except ValueError:
        raise ValueError(f"{FILE} was not made here: models of AWS's own linear learner cannot be read.") from None
    if document.get("format") != "cauce-linear" or document.get("version") != 1:
        raise ValueError(f"{FILE} has a version that is not known here.")
    return LinearModel(
        document["predictor_type"],
        np.array(document["weights"], dtype=np.float64),
        np.array(document["bias"], dtype=np.float64),
        document["threshold"],
        document["probability"],
    )


def sigmoid(margins: np.ndarray) -> np.ndarray:
    # Neither side overflows.
    positive = 1 / (1 + np.exp(-np.abs(margins)))
    return np.where(margins >= 0, positive, 1 - positive)


def softmax(margins: np.ndarray) -> np.ndarray:
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
