"""The target: which task it is, its classes, and each row's label as a number."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cauce_features import Label, Target, Task, label_text
from cauce_step import Settings, StepError, closest
from cauce_table import compute, flat, is_numeric, numbers

MOST_CLASSES = 200
POSITIVE = {*"yes y true t 1 positive pos churn churned fraud default spam bad fail failed failure sick".split()}


class Labels(NamedTuple):
    target: Target
    values: NDArray[np.float64]


def with_target(table: pa.Table, name: str) -> pa.Table:
    """The rows that have a target."""
    if not name:
        raise StepError('The settings name no target. Say which column to predict, e.g. "target": "Churn".')
    if name not in table.column_names:
        raise StepError(f'The table has no column "{name}" to predict. {closest(name, table.column_names)}')
    column = table[name]
    there = compute.fill_null(compute.is_finite(column), False) if pa.types.is_floating(column.type) else compute.is_valid(column)
    kept = table.filter(there)
    if kept.num_rows < 10:
        raise StepError(
            f'Only {kept.num_rows} rows have a value in "{name}". A model needs 10 at least, and better hundreds. Add rows, or predict another one.'
        )
    return kept


def labels(column: pa.ChunkedArray, settings: Settings) -> Labels:
    name, values = settings["target"], flat(column)
    task = settings["task"] or guess(values)
    if task == "regression":
        if not is_numeric(values.type) or pa.types.is_boolean(values.type):
            raise StepError(f'"{name}" holds no numbers, so it is no regression. Leave the task out, or predict another column.')
        numeric = numbers(values)
        if np.unique(numeric).size < 2:
            raise StepError(
                f'Every row has the same value in "{name}": there is nothing to learn. Predict another column, or add rows where it differs.'
            )
        return Labels({"name": name, "task": "regression"}, numeric)
    encoded = values.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    classes = [as_label(value) for value in encoded.dictionary.to_pylist()]
    check_classes(name, task, classes, settings)
    counts = np.bincount(codes, minlength=len(classes))
    order = sorted(range(len(classes)), key=lambda place: sort_key(classes[place]))
    target: Target = {"name": name, "task": task}
    if task == "binary":
        positive = find_positive(classes, counts.tolist(), settings)
        order.sort(key=lambda place: place == positive)
        target["positive"] = classes[positive]
    target["classes"] = [classes[place] for place in order]
    ranks = np.empty(len(order), dtype=np.float64)
    ranks[order] = np.arange(len(order))
    return Labels(target, ranks[codes])


def guess(values: pa.Array) -> Task:
    kind = values.type
    distinct: int = compute.count_distinct(values).as_py()
    if is_numeric(kind) and not pa.types.is_boolean(kind):
        whole = pa.types.is_integer(kind) or bool(np.all(numbers(values) % 1 == 0))
        if not whole or distinct > 10:
            return "regression"
    return "binary" if distinct == 2 else "multiclass"


def check_classes(name: str, task: Task, classes: list[Label], settings: Settings) -> None:
    if len(classes) < 2:
        raise StepError(f'Every row has the same value in "{name}": there is nothing to learn. Predict another column, or add rows where it differs.')
    if task == "binary" and len(classes) != 2:
        raise StepError(f'"{name}" has {len(classes)} different values, but a binary task has two. Use multiclass.')
    if len(classes) > MOST_CLASSES:
        raise StepError(
            f'"{name}" has {len(classes):,} different values, too many classes (at most {MOST_CLASSES}). Predict another column, or a number.'
        )
    texts = {label_text(label) for label in classes}
    if len(texts) != len(classes):
        raise StepError(f'Two classes of "{name}" look the same.')
    if settings["positive"] is not None and task == "binary" and label_text(settings["positive"]) not in texts:
        listed = " and ".join(f'"{text}"' for text in sorted(texts))
        raise StepError(f'"{settings["positive"]}" is no value of "{name}": its values are {listed}.')


def find_positive(classes: list[Label], counts: list[int], settings: Settings) -> int:
    """What was asked for; else true, 1, "yes" and their like; else the rarer one."""
    texts = [label_text(label) for label in classes]
    if settings["positive"] is not None:
        return texts.index(label_text(settings["positive"]))
    telling = [place for place, text in enumerate(texts) if text.lower() in POSITIVE]
    if len(telling) == 1:
        return telling[0]
    if not isinstance(classes[0], str):
        return max((0, 1), key=lambda place: cast(int, classes[place]))
    return min((0, 1), key=lambda place: (counts[place], texts[place]))


def as_label(value: object) -> Label:
    if isinstance(value, str | bool | int):
        return value
    number = float(cast(float, value)) if not hasattr(value, "isoformat") else None
    return int(number) if number is not None and number.is_integer() else str(value)


def sort_key(label: Label) -> tuple[int, float, str]:
    return (1, 0.0, label) if isinstance(label, str) else (0, float(label), "")
