"""features.json from the training part alone: ranges, categories, typical values, an example."""

from __future__ import annotations

import datetime as dt
from typing import cast

import numpy as np
import pyarrow as pa

from cauce_columns import Chosen
from cauce_dates import Moment, written
from cauce_features import BLANK, PARTS, VERSION, Document, Feature, Field, Kind, Target, read_number
from cauce_step import Settings
from cauce_table import by_value, encode_field, flat, is_numeric, numbers, plain_values

MOST_CATEGORIES = 254
LONGEST_EXAMPLE = 200
Value = str | int | float | bool


def describe(training: pa.Table, target: Target, chosen: Chosen, settings: Settings) -> Document:
    fields: list[Field] = []
    features: list[Feature] = []
    row = fullest_row(training.select(list(chosen.kinds)))
    for name, kind in chosen.kinds.items():
        column = flat(training[name])
        field = describe_field(name, kind, column, chosen.formats.get(name))
        field["example"] = example(column, field, row)
        fields.append(field)
        features += [Feature(name=name if part == kind else f"{name}.{part}", field=name, encoding=part) for part in varying_parts(column, field)]
    return {
        "version": VERSION,
        "source": "",
        "target": target,
        "fields": fields,
        "features": features,
        "ignored": [*(one["column"] for one in chosen.aside), settings["target"]],
        "unknownFields": settings["unknownFields"],
    }


def fullest_row(table: pa.Table) -> int:
    """The first of the rows with the fewest missing cells."""
    missing = np.zeros(table.num_rows)
    for column in table.columns:
        missing += column.is_null().to_numpy()
    return int(np.argmin(missing))


def varying_parts(column: pa.Array, field: Field) -> list[str]:
    """Of a date and a time, the parts that differ: the hour of a day without a time tells nothing."""
    kind = field["kind"]
    if kind not in ("datetime", "time"):
        return PARTS.get(kind, [kind])
    parts = encode_field(column, field, PARTS[kind])
    if kind == "time" and np.array_equal(parts[:, 0] * 60, parts[:, 1], equal_nan=True):
        return ["hour"]
    varying = [part for index, part in enumerate(PARTS[kind]) if np.unique(parts[~np.isnan(parts[:, index]), index]).size > 1]
    return varying or ["day" if kind == "datetime" else "minutes"]


def describe_field(name: str, kind: Kind, column: pa.Array, form: str | None) -> Field:
    field: Field = {"name": name, "kind": kind, "missing": column.null_count}
    if form is not None:
        field["format"] = form
    if kind == "number":
        describe_number(field, column)
        return field
    ranked = most_frequent(column)
    if ranked:
        field["typical"] = ranked[0]
    if kind in ("datetime", "time") and ranked:
        # As text, dates sort like dates, as long as all are written alike.
        ends = ranked if is_numeric(column.type) else [str(value) for value in ranked]
        field["min"], field["max"] = cast("str | int", min(ends)), cast("str | int", max(ends))
    if kind == "category":
        kept = ranked[:MOST_CATEGORIES]
        field["categories"] = cast("list[str | int | float]", sorted(kept, key=lambda value: (isinstance(value, str), value)))
    return field


def describe_number(field: Field, column: pa.Array) -> None:
    values = numbers(column) if is_numeric(column.type) else by_value(column, lambda value: [read_number(value)], 1)[:, 0]
    present = np.sort(values[~np.isnan(values)])
    if present.size == 0:
        return
    whole = bool(np.all(present % 1 == 0)) and float(np.abs(present).max()) < 2**53
    field["integer"] = whole
    # The lower median is a value that occurs.
    low, typical, high = (int(value) if whole else float(value) for value in present[[0, (present.size - 1) // 2, -1]])
    field["min"], field["max"], field["typical"] = low, high, typical


def most_frequent(column: pa.Array) -> list[Value]:
    """The different values, trimmed, the most frequent first, equals in their own order."""
    counted = column.drop_null().value_counts()
    counts: dict[Value, int] = {}
    for value, count in zip(plain_values(counted.field(0)), counted.field(1).to_pylist(), strict=True):
        key = cast(Value, value.strip(BLANK) if isinstance(value, str) else value)
        if key != "":
            counts[key] = counts.get(key, 0) + count
    return [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))]


def example(column: pa.Array, field: Field, row: int) -> Value | None:
    """The cell of the chosen row, as a caller would send it."""
    value = plain_values(column.slice(row, 1))[0]
    if "format" in field and value is not None and pa.types.is_temporal(column.type):
        return written(field["format"], moment_of(column[row].as_py()))
    if isinstance(value, float) and (not np.isfinite(value)):
        return None
    if isinstance(value, float) and value.is_integer() and field.get("integer"):
        return int(value)
    if field["kind"] == "boolean" and isinstance(value, int):
        return bool(value)
    return value[:LONGEST_EXAMPLE] if isinstance(value, str) else cast("Value | None", value)


def moment_of(value: dt.date | dt.time) -> Moment:
    days = value.toordinal() - 719163 if isinstance(value, dt.date) else 0
    return Moment(days, value.hour * 3600 + value.minute * 60 + value.second if isinstance(value, dt.datetime | dt.time) else 0)
