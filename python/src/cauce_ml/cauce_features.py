"""features.json: reads raw records into the model's numbers, the same way as src/scoring does in TypeScript.

Standard library only, because it is served. The rules are in docs/contracts/features.md.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Literal, NotRequired, TypedDict, cast

from cauce_dates import BLANK, Moment, WrongValueError, date_of, datetime_reader, time_reader
from cauce_units import expected_number, united_reader

VERSION = 1
NAN = float("nan")
LARGEST = 3.4e38  # what a 32-bit float still holds

Kind = Literal["number", "boolean", "category", "datetime", "time", "text"]
Task = Literal["binary", "multiclass", "regression"]
Label = str | int | bool
PARTS: dict[Kind, list[str]] = {
    "datetime": ["year", "month", "day", "weekday", "hour"],
    "time": ["hour", "minutes"],
    "text": ["length", "words"],
}


class Target(TypedDict):
    name: str
    task: Task
    classes: NotRequired[list[Label]]
    positive: NotRequired[Label]


class Field(TypedDict):
    name: str
    kind: Kind
    format: NotRequired[str]  # how the table writes its dates or times, beside ISO 8601, or its numbers with their unit
    integer: NotRequired[bool]
    min: NotRequired[float | int | str]
    max: NotRequired[float | int | str]
    categories: NotRequired[list[str | int | float]]
    typical: NotRequired[str | int | float | bool]
    example: NotRequired[str | int | float | bool | None]
    missing: int


class Feature(TypedDict):
    name: str
    field: str
    encoding: str


class Split(TypedDict):
    """What decided which rows the model was not trained on."""

    seed: int
    testFraction: float
    columns: str


class Document(TypedDict):
    version: int
    source: str
    split: NotRequired[Split]
    target: Target
    fields: list[Field]
    features: list[Feature]
    ignored: list[str]
    unknownFields: Literal["refuse", "ignore"]


Reader = Callable[[object], list[float]]


def load(path: str) -> Document:
    with open(path, "rb") as file:
        return parse(file.read(), path)


def parse(content: bytes, path: str) -> Document:
    document = json.loads(content)
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise ValueError(f"{path} has version {version!r} of the features format, but this code reads version {VERSION}. Train the model again.")
    return cast(Document, document)


def readers(document: Document) -> list[tuple[str, list[int], Reader]]:
    """For every field: its name, the columns of the model it fills, and how to read a value into them."""
    places: dict[str, list[tuple[int, str]]] = {}
    for index, feature in enumerate(document["features"]):
        places.setdefault(feature["field"], []).append((index, feature["encoding"]))
    return [
        (field["name"], [index for index, _ in places.get(field["name"], [])], reader(field, [e for _, e in places.get(field["name"], [])]))
        for field in document["fields"]
    ]


def reader(field: Field, encodings: list[str]) -> Reader:
    kind = field["kind"]
    if kind == "number":
        number = number_reader(field.get("format"))
        return lambda value: [number(value)]
    if kind == "boolean":
        return lambda value: [read_boolean(value)]
    if kind == "category":
        categories = field.get("categories", [])
        numeric = any(not isinstance(category, str) for category in categories)
        codes = {category if isinstance(category, str) else number_text(float(category)): float(code) for code, category in enumerate(categories)}
        return lambda value: [read_category(value, codes, numeric)]
    order = [PARTS[kind].index(encoding) for encoding in encodings]
    if kind == "datetime":
        moment = datetime_reader(field.get("format"))
        return lambda value: pick(moment_parts(moment(value)), order)
    if kind == "time":
        time = time_reader(field.get("format"))
        return lambda value: pick(time_parts(time(value)), order)
    return lambda value: pick(read_text(value), order)


def pick(parts: tuple[float, ...] | None, order: list[int]) -> list[float]:
    return [NAN] * len(order) if parts is None else [parts[index] for index in order]


def is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(BLANK))


NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def number_reader(form: str | None) -> Callable[[object], float]:
    """With a format, the bare number or the text with the unit."""
    if form is None:
        return read_number
    united, expected = united_reader(form), expected_number(form)

    def read(value: object) -> float:
        number = united(value.strip(BLANK)) if isinstance(value, str) else None
        try:
            return read_number(value if number is None else number)
        except WrongValueError:
            raise WrongValueError(expected) from None

    return read


def read_number(value: object) -> float:
    if isinstance(value, str):
        text = value.strip(BLANK)
        if not text:
            return NAN
        value = float(text) if NUMBER.fullmatch(text) else None
    elif value is None:
        return NAN
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise WrongValueError("a number")
    return float(value)


TRUTH = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}


def read_boolean(value: object) -> float:
    if value is None:
        return NAN
    if isinstance(value, str):
        text = value.strip(BLANK)
        if not text:
            return NAN
        truth = TRUTH.get(text.lower())
    elif isinstance(value, bool | int | float):
        truth = float(value) if value in (0, 1) else None
    else:
        truth = None
    if truth is None:
        raise WrongValueError("true or false")
    return truth


def read_category(value: object, codes: Mapping[str, float], numeric: bool) -> float:
    if value is None:
        return NAN
    if isinstance(value, str):
        text = value.strip(BLANK)
        if numeric and NUMBER.fullmatch(text):
            text = number_text(float(text))
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValueError("text or a number" if numeric else "text")
    else:
        text = number_text(float(value))
    return codes.get(text, NAN)


def read_text(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip(BLANK)
    elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValueError("text")
    else:
        text = number_text(float(value))
    return (float(len(text)), float(len(WORD.findall(text)))) if text else None


WORD = re.compile(r"[^ \t\r\n]+")


def moment_parts(moment: Moment | None) -> tuple[float, ...] | None:
    """Year, month, day, weekday from Monday = 0, hour."""
    if moment is None:
        return None
    year, month, day = date_of(moment.days)
    return float(year), float(month), float(day), float((moment.days + 3) % 7), float(moment.second // 3600)


def time_parts(second: int | None) -> tuple[float, ...] | None:
    """Hour, and minutes since midnight."""
    return None if second is None else (float(second // 3600), second / 60)


def number_text(value: float) -> str:
    """A number as JavaScript prints it, so that both sides name the same category."""
    if value == 0:
        return "0"
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"-{text}" if value < 0 else text


def label_text(label: Label) -> str:
    return ("true" if label else "false") if isinstance(label, bool) else str(label)
