"""Serves a model that was given to `cauce deploy`: raw records in, the same answers and errors as our own models give."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

# What the model needs and the image does not have came with it: nothing is installed where it serves.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from given_model import Given
from given_model import load as load_given
from given_request import Records, refusal

from cauce_features import Document, label_text, load
from cauce_request import InputError, rounded, to_json


class Model(NamedTuple):
    given: Given
    document: Document
    records: Records
    labels: list[Any]


def model_fn(model_dir: str) -> Model:
    document = load(os.path.join(model_dir, "features.json"))
    given = load_given(Path(model_dir) / document["model"]["file"])  # type: ignore[typeddict-item]  # ours alone
    return Model(given, document, Records(document), list(document["target"].get("classes", [])))


def answer(model: Model, data: str | bytes | bytearray, content_type: str | None) -> tuple[int, str]:
    """The status and the JSON text."""
    try:
        rows, many = model.records.read(data, content_type)
        answers = predict(model, rows, many) if rows else []
    except InputError as error:
        return error.status, error.body
    return 200, to_json(answers if many else answers[0])


def predict(model: Model, rows: list[list[Any]], many: bool) -> list[dict[str, Any]]:
    try:
        said = model.given.predict(rows, model.document["fields"])
    except Exception:
        # Most models refuse what they have not seen; when the request has no such thing it is the model's own failure.
        problems = model.records.suspects(rows, many)
        if problems:
            raise refusal(problems) from None
        raise
    own = model.given.classes()
    renamed = dict(zip(own or [], model.labels, strict=False))
    answers = []
    for place, prediction in enumerate(said.predictions):
        one: dict[str, Any] = {"prediction": number(renamed.get(prediction, prediction) if own else prediction)}
        if said.shares is not None:
            one["probabilities"] = {label_text(label): number(float(share)) for label, share in zip(model.labels, said.shares[place], strict=True)}
        answers.append(one)
    return answers


def number(value: Any) -> Any:
    if isinstance(value, list):
        return [number(one) for one in value]
    if isinstance(value, float):
        return rounded(value) if math.isfinite(value) else None
    return value


def transform_fn(model: Model, data: str | bytes | bytearray, content_type: str, accept: str) -> Any:
    status, body = answer(model, data, content_type)
    if status == 200:
        return body, "application/json"
    from sagemaker_containers.beta.framework import worker

    return worker.Response(response=body, status=status, mimetype="application/json")
