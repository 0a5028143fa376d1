"""Asks a model through the inference.py of its archive, as its endpoint will: records in, answers out.

Run as a process of its own, so that two models with modules of the same names can be compared:
python3 cauce_own_model.py <unpacked model> <records.json> <answers.json>
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from functools import partial
from typing import Any

BATCH = 500
JSON = "application/json"


class UnusableError(Exception):
    """The text tells the user what is wrong with the inference.py."""


def main() -> None:
    folder, records_file, answers_file = sys.argv[1:4]
    with open(records_file, encoding="utf-8") as file:
        records = json.load(file)
    code = os.path.join(folder, "code")
    try:
        sys.path[:0] = [code, install(code)]
        ask = asker(importlib.import_module("inference"), folder)
        answers = ask_all(ask, records)
    except UnusableError as error:
        sys.exit(str(error))
    except Exception as error:
        traceback.print_exc()
        sys.exit(describe(error, code))
    with open(answers_file, "w", encoding="utf-8") as file:
        json.dump(answers, file)
    sys.stdout.flush()


def ask_all(ask: Any, records: list[Any]) -> list[Any]:
    answers: list[Any] = []
    for start in range(0, len(records), BATCH):
        part = records[start : start + BATCH]
        found = read_answers(ask(json.dumps(part)))
        if len(found) != len(part):
            raise UnusableError(f"inference.py gave {len(found)} answers to {len(part)} records.")
        answers += found
    return answers


def describe(error: Exception, code: str) -> str:
    """The line of the project's own code first."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.abspath(frame.filename).startswith(os.path.abspath(code))]
    place = f"{os.path.relpath(frames[-1].filename, code)}, line {frames[-1].lineno}, in {frames[-1].name}: " if frames else ""
    return f"{place}{type(error).__name__}: {error}"


def install(code: str) -> str:
    folder = tempfile.mkdtemp()
    requirements = os.path.join(code, "requirements.txt")
    if os.path.exists(requirements):
        with open(requirements, "rb") as file:
            ready = json.loads(os.environ.get("CAUCE_READY_PACKAGES", "{}")).get(hashlib.sha256(file.read()).hexdigest())
        if ready:
            return str(ready)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--target", folder, "-r", requirements]
        if subprocess.run(command, check=False).returncode != 0:
            raise UnusableError("The model's requirements.txt could not be installed; pip's lines say why.")
    return folder


def asker(module: Any, folder: str) -> Any:
    """As the serving container puts the functions together: docs/contracts/serving-container.md."""
    if not hasattr(module, "model_fn"):
        raise UnusableError("inference.py has no model_fn.")
    model = module.model_fn(folder)
    whole = getattr(module, "transform_fn", None)
    if whole is not None:
        return partial(whole_answer, whole, model)
    if not hasattr(module, "input_fn"):
        raise UnusableError("inference.py has neither transform_fn nor input_fn, and without one the container reads no application/json.")
    predict = getattr(module, "predict_fn", default_predict)
    output = getattr(module, "output_fn", default_output)

    def ask(body: str) -> Any:
        return output(predict(module.input_fn(body, JSON), model), JSON)

    return ask


def whole_answer(transform: Any, model: Any, body: str) -> Any:
    return transform(model, body, JSON, JSON)


def default_predict(data: Any, model: Any) -> Any:
    return model.predict(data)


def default_output(prediction: Any, _accept: str) -> str:
    return json.dumps(prediction, default=to_list)


def to_list(value: Any) -> Any:
    return value.tolist()


def read_answers(result: Any) -> list[Any]:
    body = result
    if isinstance(result, tuple):
        body = result[0]
    elif hasattr(result, "cauce_reply"):
        body = result.cauce_reply()[0]
    elif hasattr(result, "get_data"):
        body = result.get_data()
    if isinstance(body, bytes | bytearray):
        body = bytes(body).decode("utf-8")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            lines = [line for line in csv.reader(body.splitlines()) if line]
            body = lines[0] if len(lines) == 1 else [line[0] if len(line) == 1 else line for line in lines]
    if isinstance(body, dict):
        if "error" in body:
            raise UnusableError(f"inference.py refused a record of the test part: {json.dumps(body['error'])[:400]}")
        body = body.get("predictions", [body])
    if not isinstance(body, list):
        raise UnusableError(f"inference.py answered {json.dumps(body)[:100]}; a JSON array with an answer for each record was expected.")
    return body


if __name__ == "__main__":
    main()
