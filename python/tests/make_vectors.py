"""Writes test/vectors/records: small models trained on real tables, requests, and what inference.py answers. Run it after a change of the contract.

python python/tests/make_vectors.py
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from steps import VECTORS, Steps, read_table

import inference
from cauce_features import Field

JSON = "application/json"
CSV = "text/csv"


def main() -> None:
    make("telco", read_table("telco_churn.csv"), {"target": "Churn"})
    make("penguins", read_table("penguins.csv"), {"target": "species"})
    make("california", read_table("california_housing.csv"), {"target": "median_house_value"})
    bikes = read_table("bike_sharing_hour.csv")
    at = bikes.schema.get_field_index("holiday")
    bikes = bikes.set_column(at, "holiday", bikes["holiday"].cast(pa.bool_()))
    day = bikes["dteday"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy() + bikes["hr"].to_numpy() * 3600
    bikes = bikes.append_column("when", pa.array(day.astype("datetime64[s]")))
    note = [
        f"{'fine  day' if value else 'grey'} {'é' * (hour % 3)}"
        for value, hour in zip(bikes["workingday"].to_pylist(), bikes["hr"].to_pylist(), strict=True)
    ]
    bikes = bikes.append_column("note", pa.array(note)).drop_columns(["hr", "mnth", "yr", "weekday", "workingday", "dteday"])
    make(
        "bikes",
        bikes,
        {
            "target": "cnt",
            "ignore": ["casual", "registered", "instant"],
            "features": {"weathersit": {"kind": "category"}, "note": {"kind": "text"}},
            "unknownFields": "ignore",
        },
    )


def make(name: str, table: pa.Table, settings: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(Path(folder), table, settings, {"rounds": "6", "max_depth": "4", "eta": "0.3", "nthread": "1"})
        steps.prepare()
        steps.train()
        place = VECTORS / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        shutil.copy(steps.folder / "model/model.ubj", place)
        shutil.copy(steps.folder / "model/features.json", place)
        rows = pq.read_table(steps.folder / "processing/output/test/test.parquet").slice(0, 7)
        matrix = np.load(steps.folder / "processing/output/test/test.npy")[:7, 1:]
    model = inference.model_fn(str(place))
    cases = [answered(model, body, content_type) for body, content_type in requests(model, rows)]
    encoded = [[None if np.isnan(value) else float(value) for value in row] for row in matrix]
    margins = model.booster.inplace_predict(matrix, predict_type="margin").reshape(len(matrix), -1).tolist()
    write(place / "cases.json", {"cases": cases, "encoded": encoded, "margins": margins})


def answered(model: inference.Model, body: str, content_type: str | None) -> dict[str, Any]:
    status, text = inference.answer(model, body, content_type)
    return {"body": body, **({"contentType": content_type} if content_type else {}), "status": status, "answer": json.loads(text)}


def requests(model: inference.Model, table: pa.Table) -> list[tuple[str, str | None]]:
    document = model.document
    records = [{key: plain(value) for key, value in record.items()} for record in table.to_pylist()]
    example = {field["name"]: field.get("example") for field in document["fields"]}
    example = dict(list(example.items())[:6])
    first = document["fields"][0]["name"]
    number = next(field["name"] for field in document["fields"] if field["kind"] == "number")
    asked: list[tuple[object, str | None]] = [
        (records, JSON),
        (records[:1], "application/json; charset=utf-8"),
        *((record, None) for record in records[:3]),
        *(({key: value for key, value in records[0].items() if key != missing}, JSON) for missing in list(records[0])[:4]),
        (example, JSON),
        ({}, JSON),
        ([], JSON),
        (dict.fromkeys(example), JSON),
        ({"x" * 50: 1, number + "x" * 300: 2}, JSON),
        (dict.fromkeys(example, ""), JSON),
        (dict.fromkeys(example, "  \t"), JSON),
        ({**example, number: "5"}, JSON),
        ({**example, number: " 5.0e0 "}, JSON),
        ({**example, number: 5.0}, JSON),
        ({**example, number: "five"}, JSON),
        ({**example, number: "5,0"}, JSON),
        ({**example, number: "0x10"}, JSON),
        ({**example, number: "Infinity"}, JSON),
        ({**example, number: 1e39}, JSON),
        ({**example, number: True}, JSON),
        ({**example, number: [1]}, JSON),
        ({**example, number: {"a": 1}}, JSON),
        ({**example, number: "x" * 60}, JSON),
        ({**example, number: '"\u00e9\u2028\\\U0001f40d'}, JSON),
        ({**example, number[:-1]: 1}, JSON),
        ({**example, "zzzzzzzzzzzzzzzz": 1, "Another": None, "constructor": 1, "__proto__": 2}, JSON),
        ([example, None, {**example, number: "x"}, 3, "text"], JSON),
        ([{number: "x", "nonsense": 1}] * 9, JSON),
        (5, JSON),
        (None, JSON),
        ("text", JSON),
        (True, JSON),
        (example, "application/xml"),
    ]
    raw: list[tuple[str, str | None]] = [
        ("", JSON),
        (" \r\n", CSV),
        ("{", JSON),
        ('{"a": NaN}', JSON),
        ('{"a": 1,}', JSON),
        ("\ufeff" + json.dumps(example), JSON),
        (f'{{"{number}": 1e400}}', JSON),
        (f'{{"{number}": 123456789012345678901234567890}}', JSON),
        (f"{first}\n", CSV),
        (f"{first},{first}\n1,2\n", CSV),
        (f"{number}\n1\n\n2\r\n", CSV),
        (f'"{number}"\r\n"3"\r\n', CSV),
        (f"{number}\n1,2\n", CSV),
        (f'{number}\n"1\n', CSV),
        (f'{number}\n"1"2\n', CSV),
        (f"{number},{first}\nx,\n,\n", f"{CSV}; header=present"),
        (to_csv(records), CSV),
        *((json.dumps({field["name"]: value}, ensure_ascii=False), JSON) for field in few(document["fields"]) for value in odd(field)),
    ]
    return [*((json.dumps(value, ensure_ascii=False), kind) for value, kind in asked), *raw]


def few(fields: list[Field]) -> list[Field]:
    """Two fields of each kind."""
    return [field for place, field in enumerate(fields) if sum(one["kind"] == field["kind"] for one in fields[:place]) < 2]


def odd(field: Field) -> list[object]:
    """Values at the edges of what a kind takes."""
    if field["kind"] == "datetime":
        good = ["2011-02-28", "2012-02-29T23:59:59.5Z", "2011-12-31 23:30-01:00", "2011-01-01T00:30+0100", "0099-03-01", " 2011-07-04 "]
        return [*good, "2011-02-29", "2011-13-01", "2011-1-1", "2011-01-01T24:00", "04/07/2011", 20110704, "2011-01-01T10:00+24:00", True]
    if field["kind"] == "boolean":
        return [True, "TRUE", " false ", 0, 1.0, "1", "yes", 2, "maybe", []]
    if field["kind"] == "text":
        return ["one", "two words", " a  b\tc\u00a0d ", "\U0001f40d\U0001f40d", 12.5, 1e21, 1e-7, True, {}]
    if field["kind"] == "category":
        some = field.get("categories", [])[:2]
        return [*some, *(f" {one} " for one in some), *(float(one) for one in some if not isinstance(one, str)), "never seen", 7, 1.5, False, {}]
    return []


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def to_csv(records: list[dict[str, Any]]) -> str:
    def cell(value: object) -> str:
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return '"' + text.replace('"', '""') + '"' if any(letter in text for letter in ',"\n') else text

    return "\n".join([",".join(map(cell, records[0])), *(",".join(map(cell, record.values())) for record in records)]) + "\n"


def write(place: Path, value: dict[str, list[Any]]) -> None:
    """One case a line, so that a change shows in a diff."""
    parts = (f' "{key}": [\n' + ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in items) + "\n ]" for key, items in value.items())
    place.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
