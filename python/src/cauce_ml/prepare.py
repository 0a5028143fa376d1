"""Prepare: splits the table, fits the features on the training part only, and names what it sets aside."""

from __future__ import annotations

import os
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cauce_columns import choose
from cauce_describe import describe
from cauce_features import label_text
from cauce_leak import find_leaks
from cauce_split import describe_split, hash_rows, split
from cauce_step import processing_input, processing_output, read_json, read_settings, run, write_json
from cauce_table import encode
from cauce_target import Labels, labels, with_target

VALIDATION = 0.15  # of the training part
MOST_CATEGORIES = 254


def prepare() -> None:
    settings = read_settings()
    source, formats = read_profile()
    everything = pq.read_table(processing_input("data", "data.parquet"))
    table = with_target(everything, settings["target"])
    target = labels(table[settings["target"]], settings)
    chosen = choose(table, settings, formats)
    groups = None if target.target["task"] == "regression" else target.values
    hashes = hash_rows(table, settings["seed"])
    training, test = split(hashes, groups, settings["testFraction"])
    document = describe(table.take(training), target.target, chosen, settings)
    document["source"] = source
    document["split"] = describe_split(table, settings["seed"], settings["testFraction"])
    matrix = encode(table, document)
    inner, held = split(rehash(hashes[training]), None if groups is None else groups[training], VALIDATION)
    parts = {"train": training[inner], "validation": training[held], "test": test}
    for name, rows in parts.items():
        np.save(processing_output(name, f"{name}.npy"), np.column_stack((target.values[rows].astype(np.float32), matrix[rows])))
    pq.write_table(table.take(test), processing_output("test", "test.parquet"), compression="snappy")
    if settings["tables"]:
        write_tables(table.drop_columns(settings["ignore"]), parts, source)
    sizes = {name: len(rows) for name, rows in parts.items()}
    write_json(processing_output("features", "features.json"), document)
    write_json(
        processing_output("features", "split.json"),
        {"version": 1, "seed": settings["seed"], "testFraction": settings["testFraction"], **sizes},
    )
    report = {
        "version": 1,
        "source": source,
        "rows": everything.num_rows,
        "rowsWithoutTarget": everything.num_rows - table.num_rows,
        "target": settings["target"],
        "task": target.target["task"],
        "classes": [{"label": label, "rows": int((target.values == code).sum())} for code, label in enumerate(target.target.get("classes", []))],
        "fields": len(document["fields"]),
        "features": len(document["features"]),
        "split": sizes,
        "setAside": chosen.aside,
        "warnings": [
            *doubts(everything.num_rows, target),
            *({"code": "dates", "column": name, "message": message} for name, message in chosen.doubts.items()),
            *find_leaks(matrix[training], target.values[training], document),
        ],
    }
    write_json(processing_output("features", "report.json"), report)
    print(f"{sizes['train'] + sizes['validation']:,} train · {sizes['test']:,} test · {len(document['fields'])} features")
    for one in [*chosen.aside, *cast("list[dict[str, str]]", report["warnings"])]:
        print(one["message"])


def doubts(rows: int, target: Labels) -> list[dict[str, str]]:
    """What is strange about the target, though one can learn from it."""
    name, found = target.target["name"], []
    if len(target.values) < rows / 2:
        found.append(("target-empty", f"{name} is empty in {rows - len(target.values):,} of {rows:,} rows, which are left out."))
    counts = np.bincount(target.values.astype(np.intp)) if "classes" in target.target else []
    single = [f'"{label_text(label)}"' for label, count in zip(target.target.get("classes", []), counts, strict=False) if count == 1]
    if len(single) == 1:
        text = f"The class {single[0]} of {name} has one row, which the model learns from: no row is left to test it with."
        found.append(("class-of-one-row", text))
    elif single:
        listed = ", ".join(single[:5]) + (", …" if len(single) > 5 else "")
        found.append(("class-of-one-row", f"{len(single)} classes of {name} have one row each ({listed}): no row is left to test them with."))
    return [{"code": code, "column": name, "message": message} for code, message in found]


def write_tables(table: pa.Table, parts: dict[str, NDArray[np.intp]], source: str) -> None:
    """The same split for a script of the project's own: CSV with a header, columns and values as the table has them."""
    import pyarrow.csv

    rest = np.sort(np.concatenate((parts["train"], parts["validation"])))
    whole = f"{os.path.splitext(os.path.basename(source))[0] or 'table'}.csv"
    for folder, name, rows in (
        ("train-table", "train.csv", parts["train"]),
        ("validation-table", "validation.csv", parts["validation"]),
        ("training-table", whole, rest),
    ):
        pyarrow.csv.write_csv(table.take(rows), processing_output(folder, name))


def read_profile() -> tuple[str, dict[str, str]]:
    """Where the table came from, and how it wrote its dates and times."""
    place = processing_input("data", "profile.json")
    if not os.path.exists(place):
        return "", {}
    profile = read_json(place)
    columns = cast("list[dict[str, str]]", profile.get("columns", []))
    return str(profile.get("source", "")), {column["name"]: column["format"] for column in columns if "format" in column}


def rehash(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Another order than the one that chose the test part."""
    return hashes * np.uint64(0x9E3779B97F4A7C15)


if __name__ == "__main__":
    run(prepare, "message")
