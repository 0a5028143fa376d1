"""What a caller sends, from rows that show it and from what the model itself knows of its columns."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from given_error import refuse
from given_model import plain

MOST_CATEGORIES = 254
MOST_ROWS = 100_000
READERS: dict[str, Any] = {
    ".csv": partial(pandas.read_csv, nrows=MOST_ROWS),
    ".tsv": partial(pandas.read_csv, sep="\t", nrows=MOST_ROWS),
    ".txt": partial(pandas.read_csv, sep=None, engine="python", nrows=MOST_ROWS),
    ".json": pandas.read_json,
    ".ndjson": partial(pandas.read_json, lines=True),
    ".parquet": pandas.read_parquet,
}


def read_example(file: Path) -> Any:
    """A DataFrame; pandas' own types are too wide to be of help."""
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise refuse(
            "ExampleUnreadable", f"{file.name} cannot be read.", f"Example rows are {', '.join(READERS)}.", "Save a few rows as CSV, with a header."
        )
    try:
        table = reader(file)
    except Exception as error:
        raise refuse(
            "ExampleUnreadable", f"{file.name} cannot be read.", str(error), "Give rows with a header, as the model was trained on."
        ) from None
    if table.empty:
        raise refuse("ExampleEmpty", f"{file.name} has no rows.", "There is nothing after the header.", "Give at least one row.")
    table.columns = [str(name) for name in table.columns]
    return table


def columns_of(names: list[str] | None, width: int | None, table: Any, source: str) -> list[str]:
    """The model's columns in order; what the model does not name is named by the example, or counted."""
    if table is None:
        if names is None and width is None:
            raise refuse(
                "FieldsUnknown",
                f"{source} does not say what it takes.",
                "The model has no names of columns and no number of them.",
                "Show rows: --example rows.csv",
            )
        return names or [str(place) for place in range(width or 0)]
    found = list(table.columns)
    if names is None:
        if width is None or width == len(found):
            return found
        if width == len(found) - 1:
            return found[:-1]
        why = f"The model takes {width} columns and the example has {len(found)}: {', '.join(found[:10])}."
        raise refuse(
            "ExampleMismatch", "The example is not of this model.", why, "Give exactly the model's columns, in the order it was trained with."
        )
    missing = [name for name in names if name not in found]
    if missing:
        why = f"It has no {', '.join(missing[:5])}, which the model wants."
        raise refuse("ExampleMismatch", "The example is not of this model.", why, "Give rows with the columns that the model was trained with.")
    return names


def describe(columns: list[str], hints: dict[str, dict[str, Any]], table: Any) -> list[dict[str, Any]]:
    row = None if table is None else int(table[columns].isna().sum(axis=1).to_numpy().argmin())
    fields = []
    for name in columns:
        values = None if table is None else table[name]
        field: dict[str, Any] = {"name": name, **(hints.get(name) or kind_of(values)), "missing": 0}
        if values is None or row is None:
            field["example"] = placeholder(field)
        else:
            fill(field, values, row)
        fields.append(field)
    return fields


def kind_of(values: Any) -> dict[str, Any]:
    if values is None:
        return {"kind": "number"}
    if pandas.api.types.is_bool_dtype(values.dtype):
        return {"kind": "boolean"}
    if pandas.api.types.is_numeric_dtype(values.dtype):
        return {"kind": "number"}
    present = values.dropna()
    if len(present) and all(isinstance(value, bool | np.bool_) for value in present):
        return {"kind": "boolean"}
    different = present.astype(str).str.strip().unique()
    few = len(different) <= MOST_CATEGORIES and (len(different) < len(present) or len(present) < 20) and max(map(len, different), default=0) <= 60
    # Of a few rows nobody knows all the values: they are shown, and others are taken as well.
    return {"kind": "category", "categories": sorted(different), "open": True} if few else {"kind": "text"}


def fill(field: dict[str, Any], values: Any, row: int) -> None:
    name, kind = field["name"], field["kind"]
    field["missing"] = int(values.isna().sum())
    if kind == "number":
        numbers: Any = pandas.to_numeric(values, errors="coerce")
        wrong = values[numbers.isna() & values.notna()]
        if len(wrong):
            why = f'The model takes a number for "{name}", and the example has {str(wrong.iloc[0])[:40]!r}.'
            raise refuse(
                "ExampleMismatch",
                "The example is not of this model.",
                why,
                "Give rows as the model was trained on, before or after encoding as it expects.",
            )
        present = np.sort(numbers.dropna().to_numpy(dtype=np.float64))
        if len(present) == 0:
            field["example"] = None
            return
        field["integer"] = bool(np.all(present % 1 == 0))
        as_kind = int if field["integer"] else float
        field["min"], field["typical"], field["max"] = (as_kind(present[place]) for place in (0, (len(present) - 1) // 2, -1))
        value = numbers.iloc[row]
        field["example"] = None if math.isnan(value) else as_kind(value)
        return
    value = values.iloc[row]
    missing = bool(pandas.isna(value))
    counted = values.dropna()
    if len(counted):
        field["typical"] = as_said(counted.mode().iloc[0], field)
    field["example"] = None if missing else as_said(value, field)


def as_said(value: Any, field: dict[str, Any]) -> Any:
    value = plain(value)
    if field["kind"] == "boolean":
        return bool(value)
    numeric = any(not isinstance(one, str) for one in field.get("categories", []))
    return value if numeric else str(value).strip()[:200]


def placeholder(field: dict[str, Any]) -> Any:
    if field["kind"] == "category":
        return field["categories"][0] if field["categories"] else ""
    return {"number": 0, "boolean": False}.get(field["kind"], "text")
