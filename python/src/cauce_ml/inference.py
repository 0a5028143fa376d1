"""Serves the model in the XGBoost image's script mode: raw records in, answers out (docs/contracts/features.md)."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np

import cauce_xgboost
from cauce_features import Document, load
from cauce_request import Answers, InputError, Requests, to_json

xgboost = cauce_xgboost.load()


class Model(NamedTuple):
    booster: Any
    document: Document
    requests: Requests
    answers: Answers


def model_fn(model_dir: str) -> Model:
    document = load(os.path.join(model_dir, "features.json"))
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(os.path.join(model_dir, "model.ubj"))
    return Model(booster, document, Requests(document), Answers(document))


def answer(model: Model, data: str | bytes | bytearray, content_type: str | None) -> tuple[int, str]:
    """The status and the JSON text."""
    try:
        rows, many = model.requests.read(data, content_type)
    except InputError as error:
        return error.status, error.body
    if not rows:
        return 200, "[]"
    matrix = np.array(rows, dtype=np.float32)
    margins = model.booster.inplace_predict(matrix, predict_type="margin").reshape(len(rows), -1).tolist()
    answers = [model.answers.of(margin) for margin in margins]
    return 200, to_json(answers if many else answers[0])


def transform_fn(model: Model, data: str | bytes | bytearray, content_type: str, accept: str) -> Any:
    status, body = answer(model, data, content_type)
    if status == 200:
        return body, "application/json"
    # AWS: an exception would become a 500 with an HTML page; a returned response keeps its status (aws/sagemaker-containers, _worker.py).
    from sagemaker_containers.beta.framework import worker

    return worker.Response(response=body, status=status, mimetype="application/json")
