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
    make("moments", moments(), {"target": "late"}, FORMATS)
    make("prices", prices(), {"target": "total"}, UNITS)


FORMATS = {
    "day": "dd/MM/yyyy",
    "month": "M/d/yy h:mm a",
    "year": "yyyy/MM/dd HH:mm:ss.SSS",
    "named": "EEE, d MMM yyyy HH:mm XXX",
    "american": "MMMM d, yyyy",
    "short": "dd-MMM-yy",
    "leaves": "HH:mm",
    "arrives": "h:mm a",
    "dotted": "H.mm",
    "closed": "HHmm",
}


def moments() -> pa.Table:
    """Dates and times in the forms that tables have, as Extract leaves them."""
    random = np.random.default_rng(5)
    rows = 900
    when = np.datetime64("2023-01-01T00:00:00", "s") + random.integers(0, 700 * 86400, rows)
    minutes = random.integers(0, 1440, rows)
    clock = pa.array(minutes * 60_000_000).cast(pa.time64("us"))
    seconds = when.astype(np.int64)
    late = np.where((minutes > 1320) | (minutes < 240), 20, 0) + when.astype("datetime64[M]").astype(np.int64) % 12 + random.normal(size=rows)
    compact = [int(str(day).replace("-", "")) for day in when.astype("datetime64[D]")]
    columns = {
        **{"day": when.astype("datetime64[D]"), "iso": when, "american": when.astype("datetime64[D]"), "short": when.astype("datetime64[D]")},
        **{"month": when, "year": when, "named": when, "leaves": clock, "arrives": clock, "dotted": clock, "closed": clock, "native": clock},
        **{"created_at": seconds, "stamp_time": seconds * 1000 + 250, "compact": compact, "km": random.integers(1, 900, rows), "late": late.round(2)},
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})


UNITS = {"price": "€ #,##0.00", "cost": "#.##0,00 €", "fee": "$#,##0", "discount": "0,0 %", "share": "0%", "rent": "CHF # ##0.00"}


def prices() -> pa.Table:
    """Numbers with a unit, as Extract leaves them."""
    random = np.random.default_rng(7)
    rows = 600
    price, fee, discount = (random.uniform(5, 3000, rows).round(2), random.integers(0, 2000, rows), random.uniform(0, 40, rows).round(1))
    columns = {"price": price, "cost": (price * 0.7).round(2), "fee": fee, "discount": discount, "share": random.integers(0, 101, rows).astype(float)}
    rent = random.uniform(500, 3000, rows).round(2)
    rent[::9] = np.nan
    total = (price * (1 - discount / 100) + fee).round(2)
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in {**columns, "rent": rent, "total": total}.items()})


def make(name: str, table: pa.Table, settings: dict[str, Any], formats: dict[str, str] | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(Path(folder), table, settings, {"rounds": "6", "max_depth": "4", "eta": "0.3", "nthread": "1"}, formats)
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
    number = next((field["name"] for field in document["fields"] if field["kind"] == "number"), first)
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
    """Two fields of each kind, and those that write dates or times in a way of their own."""
    return [field for place, field in enumerate(fields) if "format" in field or sum(one["kind"] == field["kind"] for one in fields[:place]) < 2]


ODD_DATES: list[object] = [
    *("03/11/2024", "31/12/2024", "12/31/2024", "29.2.2024", "29.2.2023", "3-11-2024 14:05", "3/11/2024, 2:05 pm", "11/3/24 12:05 AM", "31/12/69"),
    *("31/12/68", "2024/2/3", "2024/2/3 8:05:09.5", "2024-2-3", "2024-02-03", "2024-02-03T23:59:59-01:00", "3/11/2024 13:05 PM", "3/11/2024 0:05 am"),
    *("3 Nov 2024", "03-NOV-24", "3rd November 2024, 14h05", "03NOV2024", "Sun, 3 Nov 2024 23:30 -0100", "3 Sept. 2024", "3 Novem 2024"),
    *("Nov 3, 2024", "Sunday, November 3rd 2024 9:15 p.m.", "november 31, 2024", "03/Nov/2024:14:05:01 +0100", "20240229", "20230229"),
    *(
        "20240229T2359",
        "20240229 235959Z",
        "1706708700",
        "1706708700.75",
        "-1",
        "99999999999999",
        "3/11/2024 24:00",
        "3/11/2024 24:01",
        " 3/11/2024 ",
    ),
    *(
        "3/11/2024 10:00 UTC",
        "3/11/2024 10:00+24:00",
        "0/1/2024",
        "1/13/2024",
        "١/2/2024",
        "3 ſept 2024",
        "",
        "soon",
        20240229,
        20240229.5,
        1706708700,
    ),
    *(1706708700.999, 1706708700250, -62135596800, -62135596801, 253402300799, 253402300800, 1e300, True, None, []),
]
ODD_TIMES: list[object] = [
    *(
        "08:30",
        "8:30",
        "8:30:15",
        "08:30:15.999",
        "9:05 PM",
        "9:05pm",
        "9:05 p.m.",
        "12:00 AM",
        "12:00 pm",
        "0:05 am",
        "13:00 PM",
        "9 PM",
        "9pm",
        "21",
    ),
    *("18.05", "18.5", "18h05", "24:00", "24:00:00", "24:01", "23:59:60", "25:00", "8:60", "8:5", "0930", "930", "9:30 ", "08:30:00Z", "", "noon"),
    *(18.05, 18.5, 18.6, 9.07, 930, 1805, 1860, 2400, 2401, 5, 0, -1, 0.5, 1e300, False, None, {}),
]


ODD_PRICES: list[object] = [
    *("€ 1,234.50", "1.234,50 €", "€1234.5", "1234.5€", " € 5 ", "5\u00a0€", "-€5", "€ -5", "€-5.00", "- € 5", "+5 €", "(€ 5.00)", "(5,00 €)"),
    *("€ (5)", "(5)€", "$1,234", "$ 5", "($5.00)", "12%", "12,5 %", "12.5 %", "-3 %", "CHF 1 234.50", "CHF 1'234", "CHF 1\u202f234.5", "5 chf"),
    *("US$ 5", "$ .5", "5. $", "1,234", "1,234 €", "1.234 €", "1.234.567 €", "12,34,567 €", "€€ 5", "-€-5", "5 € 5", "€", "()", "(€)", "€ five"),
    *("(5)", "5€20", "€ 1e3", "٣ €", "5\n€", f"{'9' * 400} €", "€ -0", "5 EUR", "5", "-1.5e3", "", None, 5, 1e39, True, []),
]


def odd(field: Field) -> list[object]:
    """Values at the edges of what a kind takes."""
    if field["kind"] == "time":
        return [*ODD_TIMES, field.get("example")]
    if field["kind"] == "datetime" and "format" in field:
        return [*ODD_DATES, field.get("example")]
    if field["kind"] == "datetime":
        good = ["2011-02-28", "2012-02-29T23:59:59.5Z", "2011-12-31 23:30-01:00", "2011-01-01T00:30+0100", "0099-03-01", " 2011-07-04 "]
        return [
            *good,
            "2011-02-29",
            "2011-13-01",
            "2011-1-1",
            "2011-01-01T24:00",
            "04/07/2011",
            20110704,
            "2011-01-01T10:00+24:00",
            "2011-01-01 10:00+05",
            "2011-12-31 24:00",
            "2011-12-31 24:01",
            True,
        ]
    if field["kind"] == "number" and "format" in field:
        return [*ODD_PRICES, field.get("example")]
    if field["kind"] == "boolean":
        return [True, "TRUE", " false ", 0, 1.0, "1", "yes", 2, "maybe", []]
    if field["kind"] == "text":
        return ["one", "two words", " a  b\tc\u00a0d ", "\U0001f40d\U0001f40d", 12.5, 1e21, 1e-7, True, {}]
    if field["kind"] == "category":
        some = field.get("categories", [])[:2]
        return [*some, *(f" {one} " for one in some), *(float(one) for one in some if not isinstance(one, str)), "never seen", 7, 1.5, False, {}]
    return []


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


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
