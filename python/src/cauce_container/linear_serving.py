"""The built-in linear learner's server, with its documented answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .http_loop import Handler, Reply, Request, text
from .linear_model import read_model


def load() -> Handler:
    model = read_model()

    def handle(request: Request) -> Reply:
        if request.path == "/ping":
            return Reply()
        if request.path != "/invocations" or request.method != "POST":
            return text(404, "Not Found")
        try:
            rows = read_rows(request.body, request.headers.get("content-type") or "application/json")
            predictions = model.predict(rows)
        except UnsupportedContentTypeError as error:
            return text(415, str(error))
        except (ValueError, KeyError, TypeError) as error:
            return text(400, f"unable to evaluate payload provided: {error}")
        return to_answer(predictions, request.headers.get("accept", ""))

    return handle


class UnsupportedContentTypeError(Exception):
    """A content type that this algorithm does not read."""


def read_rows(body: bytes, content_type: str) -> np.ndarray:
    """AWS: "Common data formats for inference": instances of features or of data.features.values, in JSON, JSON lines or CSV."""
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if kind == "text/csv":
        lines = body.decode("utf-8").strip().splitlines()
        return np.array([[float(cell) for cell in line.split(",")] for line in lines], dtype=np.float64)
    if kind == "application/json":
        document = json.loads(body)
        return np.array([features_of(instance) for instance in document["instances"]], dtype=np.float64)
    if kind == "application/jsonlines":
        return np.array([features_of(json.loads(line)) for line in body.decode("utf-8").splitlines() if line.strip()], dtype=np.float64)
    raise UnsupportedContentTypeError(
        f"Content-type {kind} not supported. Supported content-type is text/csv, application/json, application/jsonlines"
    )


def features_of(instance: Any) -> list[float]:
    if "features" in instance:
        return instance["features"]
    features = instance["data"]["features"]
    if "keys" in features:
        dense = [0.0] * int(features["shape"][0])
        for key, value in zip(features["keys"], features["values"], strict=True):
            dense[key] = value
        return dense
    return features["values"]


def to_answer(predictions: list[dict[str, Any]], accept: str) -> Reply:
    kind = accept.split(";", maxsplit=1)[0].strip().lower()
    if kind == "application/jsonlines":
        return text(200, "\n".join(json.dumps(one) for one in predictions), "application/jsonlines")
    if kind == "text/csv":
        return text(200, "\n".join(str(one.get("predicted_label", one["score"])) for one in predictions), "text/csv; charset=utf-8")
    return text(200, json.dumps({"predictions": predictions}), "application/json")
