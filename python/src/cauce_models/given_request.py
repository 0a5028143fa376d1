"""A request's body → records with values as the model was given them in training, or the error the caller is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cauce_features import BLANK, Document, Field, WrongValueError, is_missing, number_text, read_boolean, read_number
from cauce_request import InputError, Problem, Requests, quoted, shown

MISSING = math.nan


class Records(Requests):
    """As for our own models, with the same words, but what comes out is values and not the numbers that they are encoded as."""

    def __init__(self, document: Document) -> None:  # the base's readers encode
        fields = document["fields"]
        self.fields = fields
        self.readers = [(field["name"], [place], reader(field)) for place, field in enumerate(fields)]
        self.names = [field["name"] for field in fields]
        self.known = {*self.names, *document["ignored"]}
        self.refuses_unknown = document.get("unknownFields", "refuse") != "ignore"
        self.width = len(fields)

    def suspects(self, rows: list[list[Any]], many: bool) -> list[Problem]:
        """What in these rows a model may have choked on: categories that it has not seen, values that are not there."""
        problems: list[Problem] = []
        for number, row in enumerate(rows, 1):
            for field, value in zip(self.fields, row, strict=True):
                said = suspicion(field, value)
                if said:
                    problem: Problem = {"code": said[0], "message": f"Row {number}: {said[1]}" if many else said[1], "field": field["name"]}
                    problems.append({**problem, "row": number} if many else problem)
        return problems


def suspicion(field: Field, value: Any) -> tuple[str, str] | None:
    name = quoted(field["name"])
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "MissingValue", f"{name} is missing, and this model does not answer without it."
    known = field.get("categories")
    if known and value not in known:
        return (
            "UnknownCategory",
            f"{name} is {shown(str(value))}, which this model does not know. It knows: {', '.join(quoted(str(one)) for one in known[:10])}.",
        )
    return None


def reader(field: Field) -> Callable[[object], list[Any]]:
    kind = field["kind"]
    if kind == "number":
        return lambda value: [read_number(value)]
    if kind == "boolean":
        return lambda value: [read_truth(value)]
    numeric = kind == "category" and any(not isinstance(one, str) for one in field.get("categories", []))
    return lambda value: [read_word(value, numeric)]


def read_truth(value: object) -> bool | None:
    number = read_boolean(value)
    return None if math.isnan(number) else bool(number)


def read_word(value: object, numeric: bool) -> Any:
    if is_missing(value):
        return MISSING
    if numeric:
        return read_number(value)
    if isinstance(value, str):
        return value.strip(BLANK)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValueError("text")
    return number_text(float(value))


def refusal(problems: list[Problem]) -> InputError:
    return InputError(problems[:10], len(problems))
