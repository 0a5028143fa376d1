"""A request's body → rows for the model, or the error the caller is told; and margins → answers.

Standard library only, because it is served. src/scoring says the same words in TypeScript; test/vectors hold both to it.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn, NotRequired, TypedDict, cast

from cauce_features import BLANK, LARGEST, Document, WrongValueError, label_text, number_text, readers

LISTED = 10
LONGEST_NAME = 200  # longer ones are not compared with those that are known
Record = dict[str, object]


class Problem(TypedDict):
    code: str
    message: str
    field: NotRequired[str]
    expected: NotRequired[str]
    row: NotRequired[int]


class InputError(Exception):
    """The caller's mistake: a status and the JSON body that explains it."""

    def __init__(self, problems: list[Problem], count: int | None = None, status: int = 400) -> None:
        super().__init__(problems[0]["message"])
        self.status = status
        body: dict[str, object] = {"error": problems[0]}
        if (count or 1) > 1:
            body |= {"errors": problems, "errorCount": count}
        self.body = to_json(body)


# Only those that are listed are explained: to find the closest of many names for each of many fields takes its time.
Explain = Callable[[], Problem]


class Requests:
    """Reads requests for one model."""

    def __init__(self, document: Document) -> None:
        self.readers = readers(document)
        self.names = [field["name"] for field in document["fields"]]
        self.known = {*self.names, *document["ignored"]}
        self.refuses_unknown = document.get("unknownFields", "refuse") != "ignore"
        self.width = len(document["features"])

    def read(self, data: str | bytes | bytearray, content_type: str | None) -> tuple[list[list[float]], bool]:
        """The rows, and whether the answer is an array."""
        kind = (content_type or "application/json").split(";")[0].strip().lower()
        if kind not in ("application/json", "text/csv"):
            message = f"The content type {shown(kind)} is not supported. Send application/json, or text/csv with a header."
            raise InputError([{"code": "UnsupportedContentType", "message": message}], status=415)
        text = decode(data, kind)
        if not text.strip(BLANK):
            raise wrong("EmptyBody", "The request has no body. Send a JSON object with the model's fields, or an array of them.")
        if kind == "text/csv":
            return self.rows(parse_csv(text), True), True
        value = parse_json(text)
        if isinstance(value, dict):
            return self.rows([value], False), False
        if isinstance(value, list):
            return self.rows(cast(list[object], value), True), True
        raise wrong("WrongShape", f"The body must be an object or an array of objects, but it is {described(value)}.")

    def rows(self, records: list[object], many: bool) -> list[list[float]]:
        problems: list[Problem] = []
        count = 0
        rows: list[list[float]] = []
        for number, record in enumerate(records, 1):
            row = [math.nan] * self.width
            found = self.fill(row, record, number)
            count += len(found)
            for explain in found[: LISTED - len(problems)]:
                problem = explain()
                if many:
                    problem["row"] = number
                    if problem["code"] != "WrongShape":
                        problem["message"] = f"Row {number}: {problem['message']}"
                problems.append(problem)
            rows.append(row)
        if problems:
            raise InputError(problems, count)
        return rows

    def fill(self, row: list[float], record: object, number: int) -> list[Explain]:
        if not isinstance(record, dict):
            return [lambda: {"code": "WrongShape", "message": f"Row {number} must be an object, but it is {described(record)}."}]
        record = cast(Record, record)
        problems: list[Explain] = []
        for name, columns, read in self.readers:
            if name not in record:
                continue
            try:
                for column, value in zip(columns, read(record[name]), strict=True):
                    row[column] = value
            except WrongValueError as error:
                problems.append(partial(wrong_type, name, str(error), record[name]))
        if self.refuses_unknown and not record.keys() <= self.known:
            problems += [partial(self.unknown_field, name) for name in sorted(record.keys() - self.known)]
        return problems

    def unknown_field(self, name: str) -> Problem:
        return {"code": "UnknownField", "message": f"{shown(name)} is not a field of this model. {self.hint(name)}", "field": name}

    def hint(self, name: str) -> str:
        best, distance = "", sys.maxsize
        for candidate in self.names if len(name) <= LONGEST_NAME else []:
            d = edits(name.lower(), candidate.lower())
            if d < distance and (d <= 2 or d * 3 <= max(len(name), len(candidate))):
                best, distance = candidate, d
        if best:
            return f"Did you mean {quoted(best)}?"
        names = ", ".join(quoted(name) for name in self.names[:LISTED])
        return f"Its fields are: {names}{', …' if len(self.names) > LISTED else ''}."


class Answers:
    """Turns the model's margins into answers."""

    def __init__(self, document: Document) -> None:
        target = document["target"]
        self.task = target["task"]
        self.labels = target.get("classes", [])
        self.texts = [label_text(label) for label in self.labels]

    def of(self, margins: list[float]) -> dict[str, object]:
        """Sums are of 32-bit floats, as in XGBoost; what follows is in 64 bits on both sides, so that both say the same."""
        if self.task == "regression":
            return {"prediction": rounded(margins[0])}
        shares = logistic(margins[0]) if self.task == "binary" else softmax(margins)
        best = shares.index(max(shares))
        return {"prediction": self.labels[best], "probabilities": {text: rounded(p) for text, p in zip(self.texts, shares, strict=True)}}


def logistic(margin: float) -> list[float]:
    return [1 / (1 + math.exp(min(margin, 700))), 1 / (1 + math.exp(min(-margin, 700)))]


def softmax(margins: list[float]) -> list[float]:
    top = max(margins)
    powers = [math.exp(margin - top) for margin in margins]
    total = sum(powers)
    return [power / total for power in powers]


def rounded(value: float) -> float | int:
    number = float(f"{value:.7g}")
    # JSON has one kind of number: 3.0 is written as 3, as JavaScript does.
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def decode(data: str | bytes | bytearray, kind: str) -> str:
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return bytes(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        if kind == "text/csv":
            raise wrong("InvalidCsv", "The body is not valid UTF-8 text.") from None
        raise wrong("InvalidJson", "The body is not valid JSON.") from None


def parse_json(text: str) -> object:
    try:
        return json.loads(text, parse_int=float, parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise wrong("InvalidJson", "The body is not valid JSON.") from None


def no_constant(_name: str) -> NoReturn:
    raise ValueError


def parse_csv(text: str) -> list[object]:
    csv.field_size_limit(2**31 - 1)
    try:
        lines = [cells for cells in csv.reader(io.StringIO(text, newline=""), strict=True) if cells]
    except csv.Error:
        raise wrong("InvalidCsv", "The CSV has a quoted cell that is not closed properly.") from None
    header = [name.strip(BLANK) for name in lines[0]]
    for place, name in enumerate(header):
        if name in header[:place]:
            raise wrong("InvalidCsv", f"The CSV's header has the name {quoted(name)} twice.")
    if len(lines) == 1:
        raise wrong("InvalidCsv", "The CSV has no row after the header. The first line must hold the fields' names.")
    for number, cells in enumerate(lines[1:], 1):
        if len(cells) != len(header):
            row: Problem = {
                "code": "InvalidCsv",
                "message": f"Row {number} has {len(cells)} cells, but the header has {len(header)} names.",
                "row": number,
            }
            raise InputError([row])
    return [dict(zip(header, cells, strict=True)) for cells in lines[1:]]


def described(value: object) -> str:
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {number_text(float(value))}" if abs(value) <= LARGEST else "a number that is too large"
    return "an object" if isinstance(value, dict) else "an array"


def shown(text: str) -> str:
    quoted_text = quoted(text)
    return quoted_text if len(quoted_text) <= 40 else f"{quoted_text[:40]}…"


LONE = re.compile("[\ud800-\udfff]")


def quoted(text: str) -> str:
    return LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def to_json(value: object) -> str:
    return LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def edits(a: str, b: str) -> int:
    """Letters to put, drop or change; two neighbours that changed places count as one (optimal string alignment)."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(previous[j - 1] + (x != y), previous[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, previous = previous, row
    return previous[-1]


def wrong_type(name: str, expected: str, value: object) -> Problem:
    return {"code": "WrongType", "message": f"{quoted(name)} must be {expected}, but it is {described(value)}.", "field": name, "expected": expected}


def wrong(code: str, message: str) -> InputError:
    return InputError([{"code": code, "message": message}])
