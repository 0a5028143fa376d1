"""Script mode: model_fn, and either transform_fn or input_fn, predict_fn and output_fn of the user's module."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .http_loop import Handler, Reply, Request, text
from .layout import CODE, MODEL
from .script_mode import PACKAGES, install_requirements, provide_code

# AWS: with exactly these the data is text, with anything else bytes. sagemaker-containers 2.8.6, `_worker.Request.content`.
AS_TEXT = ("application/json", "text/csv")
DEFAULT_ACCEPT = "application/json"


def load() -> Handler:
    module = import_program()
    transform = to_transform(module)
    model = require(module, "model_fn")(str(MODEL))
    default_accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", DEFAULT_ACCEPT)

    def handle(request: Request) -> Reply:
        if request.path == "/ping":
            return Reply()
        if request.path != "/invocations" or request.method != "POST":
            # AWS: /execution-parameters as well is 404 in script mode.
            return text(404, "Not Found")
        content_type = request.headers.get("content-type") or "application/json"
        accept = request.headers.get("accept", "")
        if accept in ("", "*/*"):
            accept = default_accept
        data: Any = request.body.decode("utf-8") if content_type in AS_TEXT else request.body
        return to_reply(transform(model, data, content_type, accept))

    return handle


def import_program() -> ModuleType:
    provide_code(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(MODEL / "code")))
    install_requirements(CODE)
    program = os.environ["SAGEMAKER_PROGRAM"]
    if not (CODE / program).is_file():
        raise FileNotFoundError(f"{program} (SAGEMAKER_PROGRAM) is not in SAGEMAKER_SUBMIT_DIRECTORY.")
    sys.path[:0] = [str(CODE), str(PACKAGES)]
    return importlib.import_module(program.removesuffix(".py").replace("/", "."))


def require(module: ModuleType, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if function is None:
        raise NotImplementedError(f"Please provide a {name} implementation in {module.__name__}.py.")
    return function


def to_transform(module: ModuleType) -> Callable[[Any, Any, str, str], Any]:
    whole = getattr(module, "transform_fn", None)
    parts = [name for name in ("input_fn", "predict_fn", "output_fn") if hasattr(module, name)]
    if whole is not None:
        if parts:
            # AWS: both at once is an error. sagemaker-containers, `_transformer.Transformer`.
            raise ValueError(f"Cannot use transform_fn implementation in conjunction with {', '.join(parts)}.")
        return whole
    from sagemaker_xgboost_container import serving_defaults as defaults

    input_fn = getattr(module, "input_fn", defaults.input_fn)
    predict_fn = getattr(module, "predict_fn", defaults.predict_fn)
    output_fn = getattr(module, "output_fn", defaults.output_fn)

    def transform(model: Any, data: Any, content_type: str, accept: str) -> Any:
        try:
            read = input_fn(data, content_type)
        except defaults.UnsupportedFormatError as error:
            return (str(error), "text/plain", 415)
        try:
            return output_fn(predict_fn(read, model), accept)
        except defaults.UnsupportedFormatError as error:
            return (str(error), "text/plain", 406)

    return transform


def to_reply(result: Any) -> Reply:
    """A Response, (body, content type) or a bare body, as the images' framework takes them."""
    if hasattr(result, "cauce_reply"):
        body, status, content_type, headers = result.cauce_reply()
        return Reply(status, to_bytes(body), content_type, headers)
    if isinstance(result, tuple):
        body, content_type, *status = result
        return Reply(status[0] if status else 200, to_bytes(body), with_charset(content_type))
    return Reply(200, to_bytes(result), "text/html; charset=utf-8")


def to_bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (list, tuple)):
        return b"".join(to_bytes(part) for part in body)
    raise TypeError(f"The answer is a {type(body).__name__}; text, bytes or a Response was expected.")


def with_charset(content_type: str) -> str:
    # AWS: Flask names the charset of text, and not that of JSON.
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") and "charset" not in content_type else content_type
