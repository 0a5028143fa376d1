"""Columns of a table → the model's numbers, by the same readers that serve requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from cauce_dates import EARLIEST, EPOCH, LATEST
from cauce_features import PARTS, Document, Feature, Field, WrongValueError, reader

Floats = NDArray[np.float64]
# Its functions are made at run time, so that no type checker knows them.
compute: Any = pyarrow.compute


def encode(table: pa.Table, document: Document) -> NDArray[np.float32]:
    """Rows × features. A cell that the reader refuses is missing: a table is never a caller's mistake."""
    matrix = np.full((table.num_rows, len(document["features"])), np.nan, dtype=np.float32)
    fields = {field["name"]: field for field in document["fields"]}
    present = set(table.column_names)
    parts: dict[str, list[tuple[int, Feature]]] = {}
    for index, feature in enumerate(document["features"]):
        parts.setdefault(feature["field"], []).append((index, feature))
    for name, columns in parts.items():
        if name in present:
            values = encode_field(flat(table[name]), fields[name], [feature["encoding"] for _, feature in columns])
            for place, (index, _) in enumerate(columns):
                matrix[:, index] = values[:, place]
    return matrix


def encode_field(column: pa.Array, field: Field, encodings: list[str]) -> Floats:
    if field["kind"] in ("number", "boolean") and is_numeric(column.type):
        return numbers(column).reshape(-1, 1)
    if field["kind"] == "datetime" and pa.types.is_temporal(column.type):
        return date_parts(column)[:, [PARTS["datetime"].index(encoding) for encoding in encodings]]
    unit = EPOCH.get(field.get("format", ""))
    if field["kind"] == "datetime" and is_numeric(column.type) and unit is not None:
        return date_parts(from_epoch(column, unit))[:, [PARTS["datetime"].index(encoding) for encoding in encodings]]
    if field["kind"] == "time" and pa.types.is_time(column.type):
        return time_parts(column)[:, [PARTS["time"].index(encoding) for encoding in encodings]]
    return by_value(column, reader(field, encodings), len(encodings))


def flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def is_numeric(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)


def numbers(column: pa.Array) -> Floats:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    values: Floats = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def date_parts(column: pa.Array) -> Floats:
    moments = column.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False)
    missing = np.isnat(moments)
    days = moments.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    years = moments.astype("datetime64[Y]")
    parts = np.stack(
        [
            years.astype(np.int64) + 1970.0,
            months.astype(np.int64) % 12 + 1.0,
            (days - months.astype("datetime64[D]")).astype(np.int64) + 1.0,
            (days.astype(np.int64) + 3) % 7.0,
            (moments - days).astype("timedelta64[h]").astype(np.int64).astype(np.float64),
        ],
        axis=1,
    )
    parts[missing] = np.nan
    return parts


def from_epoch(column: pa.Array, unit: int) -> pa.Array:
    """Numbers since 1970 as moments; `unit` is in milliseconds."""
    milliseconds = np.floor(numbers(column) * unit)
    there = (milliseconds >= EARLIEST) & (milliseconds <= LATEST)
    return pa.array(np.where(there, milliseconds, 0).astype(np.int64), mask=~there).cast(pa.timestamp("ms"))


def time_parts(column: pa.Array) -> Floats:
    seconds = numbers(column.cast(pa.time64("us"), safe=False).cast(pa.int64())) // 1_000_000 % 86_400
    return np.column_stack((seconds // 3600, seconds / 60))


def by_value(column: pa.Array, read: Callable[[object], list[float]], width: int) -> Floats:
    """Reads each different value once."""
    dictionary = column.dictionary_encode()
    codes = dictionary.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = np.full((len(dictionary.dictionary) + 1, width), np.nan)
    for code, value in enumerate(plain_values(dictionary.dictionary)):
        try:
            values[code] = read(value)
        except WrongValueError:
            continue
    return values[codes]


def plain_values(column: pa.Array) -> list[object]:
    """Values as JSON has them."""
    if pa.types.is_temporal(column.type):
        return [value.isoformat() if value is not None else None for value in column.to_pylist()]
    if pa.types.is_decimal(column.type):
        return column.cast(pa.float64()).to_pylist()
    return column.to_pylist()
