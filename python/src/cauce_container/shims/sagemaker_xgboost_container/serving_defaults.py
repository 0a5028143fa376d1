"""The image's own input_fn, predict_fn and output_fn."""

from __future__ import annotations

from typing import Any

from sagemaker_containers.beta.framework import encoders, worker
from sagemaker_containers.beta.framework.errors import UnsupportedFormatError

__all__ = ["UnsupportedFormatError", "input_fn", "output_fn", "predict_fn"]


def input_fn(data: Any, content_type: str) -> Any:
    from sagemaker_xgboost_container import encoder

    return encoder.decode(data, content_type)


def predict_fn(data: Any, model: Any) -> Any:
    return model.predict(data, validate_features=False)


def output_fn(prediction: Any, accept: str) -> Any:
    return worker.Response(response=encoders.encode(prediction, accept), mimetype=accept)
