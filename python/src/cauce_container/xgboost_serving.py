"""The built-in XGBoost algorithm's server. Most models are scored natively; this takes the rest: pickles, ensembles, other answers."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from .http_loop import Handler, Reply, Request, text
from .layout import MODEL
from .lean_xgboost import xgboost

CSV = "text/csv; charset=utf-8"


def load() -> Handler:
    files = sorted(path for path in MODEL.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise FileNotFoundError("There is no model file in model.tar.gz.")
    # AWS: several files are an ensemble whose outputs are averaged, unless SAGEMAKER_INFERENCE_ENSEMBLE is false.
    ensemble = os.environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true").lower() != "false"
    boosters = [read_model(path) for path in (files if ensemble else files[:1])]

    def handle(request: Request) -> Reply:
        if request.path == "/ping":
            return Reply()
        if request.path == "/execution-parameters":
            return text(
                200,
                json.dumps({"MaxConcurrentTransforms": os.cpu_count() or 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}),
                "application/json",
            )
        if request.path != "/invocations" or request.method != "POST":
            return text(404, "Not Found")
        return invoke(boosters, request)

    return handle


def read_model(path: Path) -> Any:
    booster = xgboost.Booster({"nthread": 1})
    data = path.read_bytes()
    # A pickle begins with its protocol; JSON and UBJSON with a brace. The model's owner runs code here anyway: this is their process.
    if data[:1] == b"\x80":
        loaded = pickle.loads(data)  # noqa: S301
        return loaded.get_booster() if hasattr(loaded, "get_booster") else loaded
    booster.load_model(bytearray(data))
    return booster


def invoke(boosters: list[Any], request: Request) -> Reply:
    if not request.body:
        return Reply(204)
    from sagemaker_containers.beta.framework.errors import UnsupportedFormatError
    from sagemaker_xgboost_container import encoder

    content_type = request.headers.get("content-type", "text/csv")
    try:
        matrix = encoder.decode(request.body, content_type)
    except UnsupportedFormatError:
        return text(415, f"Content-type {content_type} not supported. Supported content-type is text/csv, text/libsvm, text/x-libsvm")
    except ValueError as error:
        return text(415, f"Loading data failed with Exception, please ensure data is in {content_type} format:\n {error}")
    wide, known = matrix.num_col(), boosters[0].num_features()
    if wide > known or (wide < known and content_type.startswith("text/csv")):
        return text(400, f"Unable to evaluate payload provided: Feature size {wide} is not consistent with feature size of trained model {known}.")
    try:
        predicted = [booster.predict(matrix, validate_features=False) for booster in boosters]
    except xgboost.core.XGBoostError as error:
        return text(400, f"Unable to evaluate payload provided: {str(error).splitlines()[0]}")
    return to_answer(np.mean(predicted, axis=0) if len(predicted) > 1 else predicted[0], request.headers.get("accept", ""))


def to_answer(predictions: np.ndarray, accept: str) -> Reply:
    rows = predictions.tolist()
    kind = accept.split(";", maxsplit=1)[0].strip().lower()
    if kind == "application/json":
        return text(200, json.dumps({"predictions": [{"score": row} for row in rows]}), "application/json")
    if kind == "application/jsonlines":
        return text(200, "\n".join(json.dumps({"score": row}) for row in rows), "application/jsonlines")
    if os.environ.get("SAGEMAKER_BATCH"):
        # AWS: a line for each prediction in batch transform jobs. sagemaker-xgboost-container, algorithm_mode/serve.py.
        return text(200, "".join(f"{row}\n" for row in rows), CSV)
    return text(200, ",".join(map(str, rows)), CSV)
