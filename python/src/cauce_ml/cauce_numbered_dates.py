"""Dates and times that a table has as numbers: seconds since 1970, 20240131, 18.05."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from cauce_dates import EPOCH, WrongValueError, datetime_reader, time_reader
from cauce_features import Kind
from cauce_step import StepError
from cauce_table import Floats, compute, flat, is_numeric, numbers

NAME = re.compile(r"time|date|epoch|unix|created|updated|modified|zeit|datum|fecha|(^|[\W_])(ts|at|on|when)$|[a-z](At|On|TS)$", re.IGNORECASE)
FROM, TO = 631_152_000, 4_102_444_800  # 1990 to 2099, in seconds
DIGITS = (
    ("yyyyMMdd", 1900_01_01, 2100_12_31),
    ("yyyyMMddHHmm", 1900_01_01_00_00, 2100_12_31_23_59),
    ("yyyyMMddHHmmss", 1900_01_01_00_00_00, 2100_12_31_23_59_59),
)
MOST_ASKED = 100_000  # different values that are looked at
CALLED = {"epoch seconds": "seconds since 1970", "epoch milliseconds": "milliseconds since 1970"}


def guess(name: str, column: pa.ChunkedArray) -> str | None:
    """The format of whole numbers that are dates without anybody saying so; of seconds the name has to hint at it."""
    if not pa.types.is_integer(column.type):
        return None
    found = date_format(column)
    if found is None:
        return None
    telling = bool(NAME.search(name))
    return found if telling or (found not in EPOCH and compute.count_distinct(column, mode="only_valid").as_py() > 20) else None


def asked(name: str, column: pa.ChunkedArray, kind: Kind) -> str | None:
    """The format of a column that the settings call dates or times."""
    if not is_numeric(column.type) or pa.types.is_boolean(column.type):
        return None
    found = date_format(column) if kind == "datetime" else time_format(column)
    if found:
        return found
    expected = (
        "seconds or milliseconds since 1970 between 1990 and 2099, or 20240131"
        if kind == "datetime"
        else "times of day such as 18.05 or 1805 for five past six in the evening"
    )
    raise StepError(f'The settings call the column "{name}" a {kind}, but its numbers are not {expected}.')


def date_format(column: pa.ChunkedArray) -> str | None:
    values = numbers(flat(column))
    there = values[~np.isnan(values)]
    if there.size == 0:
        return None
    low, high = there.min(), there.max()
    for form, unit in EPOCH.items():
        if low * unit >= FROM * 1000 and high * unit < TO * 1000:
            return form
    for form, first, last in DIGITS:
        if low >= first and high <= last and reads_all(datetime_reader(form), there):
            return form
    return None


def time_format(column: pa.ChunkedArray) -> str | None:
    values = numbers(flat(column))
    there = values[~np.isnan(values)]
    for form in ("H.mm", "Hmm"):
        # 5.0 is five o'clock only where others have minutes.
        if there.size and reads_all(time_reader(form), there) and (form == "H.mm") == bool(np.any(there % 1 != 0)):
            return form
    return None


def reads_all(read: Callable[[object], object], values: Floats) -> bool:
    different = np.unique(values)
    try:
        for value in different[:: 1 + different.size // MOST_ASKED].tolist():
            read(value)
    except WrongValueError:
        return False
    return True


def said(name: str, form: str) -> str:
    """For people: what the numbers were taken for."""
    how = CALLED.get(form, f"written {form}")
    return f'{name} holds dates, {how}: the URL takes them like that, or as 2024-01-31. Where that is wrong, say kind "number".'
