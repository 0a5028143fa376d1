"""A model with an inference.py of its own: its answers on the test part, as probabilities or values."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from typing import Any, cast

import numpy as np
import pyarrow as pa

from cauce_features import Document, Label, label_text
from cauce_metrics import Floats
from cauce_step import StepError
from cauce_table import flat, plain_values

SHOWN = 1  # of the lines that the model's process ends with


def script_outputs(archive: str, document: Document, table: pa.Table) -> Floats:
    """Asks the model for every row, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        model, records, answers = (os.path.join(folder, name) for name in ("model", "records.json", "answers.json"))
        with tarfile.open(archive) as packed:
            packed.extractall(model, filter="data")
        with open(records, "w", encoding="utf-8") as file:
            json.dump(to_records(table, document), file, allow_nan=False)
        command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "cauce_own_model.py"), model, records, answers]
        done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True, errors="replace")
        sys.stderr.write(done.stderr)
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-SHOWN:] or [f"its process ended with {done.returncode}"]
            raise StepError(f"The model could not be asked through its inference.py: {reason[0]}")
        with open(answers, encoding="utf-8") as file:
            return to_outputs(json.load(file), document)


def to_records(table: pa.Table, document: Document) -> list[dict[str, object]]:
    """Rows as callers send them."""
    names = [field["name"] for field in document["fields"] if field["name"] in table.column_names]
    columns = [
        [None if isinstance(value, float) and not np.isfinite(value) else value for value in plain_values(flat(table[name]))] for name in names
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def to_outputs(answers: list[Any], document: Document) -> Floats:
    """Objects as ours, labels, numbers, or lists of the classes' probabilities."""
    plain = [answer[0] if isinstance(answer, list) and len(answer) == 1 else answer for answer in answers]
    if document["target"]["task"] == "regression":
        return np.array([[number(scalar(answer))] for answer in plain], dtype=np.float64)
    texts = [label_text(label) for label in document["target"].get("classes", [])]
    labels = all(as_label(scalar(answer)) in texts for answer in plain)
    return np.array([shares_of(answer, texts, labels) for answer in plain], dtype=np.float64)


def shares_of(answer: Any, texts: list[str], labels: bool) -> list[float]:
    shares = answer.get("probabilities") if isinstance(answer, dict) else answer
    if isinstance(shares, dict):
        return [number(shares.get(text, 0)) for text in texts]
    if isinstance(shares, list) and len(shares) == len(texts):
        return [number(share) for share in shares]
    value = scalar(answer)
    if labels:
        return [float(as_label(value) == text) for text in texts]
    if len(texts) == 2 and isinstance(value, int | float | str):
        # A number that is no label is the probability of the second class.
        share = number(value)
        if 0 <= share <= 1:
            return [1 - share, share]
    raise strange(answer, f"a class ({', '.join(texts[:5])}) or the probabilities of all")


def scalar(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    for name in ("prediction", "predicted_label", "label", "score", "value"):
        if name in answer:
            return answer[name]
    raise strange(answer, 'an object with "prediction"')


def as_label(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return label_text(cast("Label", int(value) if whole else value))


def number(value: Any) -> float:
    try:
        read = float(value)
    except (TypeError, ValueError):
        raise strange(value, "a number") from None
    if not np.isfinite(read):
        raise strange(value, "a finite number")
    return read


def strange(answer: Any, expected: str) -> StepError:
    return StepError(f"The model's inference.py answered {json.dumps(answer, default=str)[:120]} to a record; expected was {expected}.")
