"""What each column of a table is: a field of the model, or set aside, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypedDict

import pyarrow as pa

import cauce_numbered_dates
from cauce_features import Kind
from cauce_step import Settings, StepError, closest
from cauce_table import compute, is_numeric
from cauce_units import FORMAT

ID_WORD = re.compile(r"(^|[\W_])(id|pid|uuid|guid|key|no|nr|num|index|row|rownames|instant)\W*$", re.IGNORECASE)
ID_CAMEL = re.compile(r"([a-z0-9](ID|Id|UUID|Key)|^[A-Z]{0,3}ID)$")
KINDS: tuple[Kind, ...] = ("number", "boolean", "category", "datetime", "time", "text")


class SetAside(TypedDict):
    column: str
    reason: str
    message: str


class Chosen(NamedTuple):
    kinds: dict[str, Kind]
    aside: list[SetAside]
    # How the table writes the dates and times of these columns, or numbers with their unit.
    formats: dict[str, str]
    # What was taken for dates without anybody saying so, in a sentence each.
    doubts: dict[str, str]


def choose(table: pa.Table, settings: Settings, formats: Mapping[str, str]) -> Chosen:
    """`formats` are of columns that were texts. Looks at the fields only, never at the target, so that looking at all rows gives nothing away."""
    names = [name for name in table.column_names if name != settings["target"]]
    for name in [*settings["ignore"], *settings["features"]]:
        if name not in table.column_names:
            raise StepError(f'The settings name the column "{name}", which the table does not have. {closest(name, table.column_names)}')
    kinds: dict[str, Kind] = {}
    aside: list[SetAside] = []
    written: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for name in names:
        asked = settings["features"].get(name, {}).get("kind")
        if asked is not None and asked not in KINDS:
            raise StepError(f'"{asked}" is not a kind of feature (column "{name}"). {closest(asked, list(KINDS))}')
        if name in settings["ignore"]:
            aside.append({"column": name, "reason": "ignored", "message": f"{name} is ignored, as the settings say."})
            continue
        form = numbered(name, table[name], asked)
        found = judge(name, table[name], asked or ("datetime" if form else None))
        if settings["tables"] and not isinstance(found, str):
            # A script of the project's own decides itself what it leaves out.
            found = asked or plain_kind(found[0], table[name])
        if isinstance(found, str):
            kinds[name] = found
            form = form or formats.get(name)
            if form and found in (("number",) if FORMAT.fullmatch(form) else ("datetime", "time")):
                written[name] = form
            if form and not asked and found != "number" and is_numeric(table[name].type):
                doubts[name] = cauce_numbered_dates.said(name, form)
        else:
            aside.append({"column": name, "reason": found[0], "message": found[1]})
    if not kinds:
        raise StepError(
            "No column is left to predict from: " + " ".join(one["message"] for one in aside) + " Add columns that the target depends on."
        )
    return Chosen(kinds, aside, written, doubts)


def numbered(name: str, column: pa.ChunkedArray, asked: Kind | None) -> str | None:
    """The format of dates and times that are numbers."""
    if asked in {"datetime", "time"}:
        return cauce_numbered_dates.asked(name, column, asked)
    return None if asked else cauce_numbered_dates.guess(name, column)


def judge(name: str, column: pa.ChunkedArray, asked: Kind | None) -> Kind | tuple[str, str]:
    rows, filled = len(column), len(column) - column.null_count
    if filled == 0:
        return ("empty", f"{name} is empty: no row has a value.")
    distinct: int = compute.count_distinct(column, mode="only_valid").as_py()
    if distinct == 1 and filled == rows:
        return ("constant", f"{name} is constant: every row has {column[0].as_py()!r}.")
    if asked:
        return asked
    kind = column.type
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return (
            ("id", f"{name} is an id: every row has another number.") if rows > 20 and distinct == rows and is_number_id(name, column) else "number"
        )
    if is_numeric(kind):
        return "number"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "datetime"
    if pa.types.is_time(kind):
        return "time"
    if distinct > max(20, filled * 0.5):
        words: float = compute.mean(compute.count_substring_regex(compute.cast(column.drop_null(), pa.string()), r"\S+")).as_py()
        if distinct > filled * 0.98 and words < 3:
            return ("id", f"{name} is an id: every row has another value.")
        return ("text", f"{name} is free text: {distinct:,} different values in {filled:,} rows.")
    return "category"


def plain_kind(reason: str, column: pa.ChunkedArray) -> Kind:
    kind = column.type
    if pa.types.is_boolean(kind):
        return "boolean"
    if is_numeric(kind):
        return "number"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "datetime"
    if pa.types.is_time(kind):
        return "time"
    return "category" if reason == "constant" else "text"


def is_number_id(name: str, column: pa.ChunkedArray) -> bool:
    """Row numbers have no gaps; other ids say so in their name."""
    low, high = (compute.min_max(column)[side].as_py() for side in ("min", "max"))
    return high - low + 1 == len(column) or bool(ID_WORD.search(name) or ID_CAMEL.search(name))
