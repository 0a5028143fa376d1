"""Who is in the test part: decided by a hash of a row's content, so that a row stays on its side when others are added or the order changes.

Otherwise the champion would be judged on rows that it was trained on.
"""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cauce_features import Split
from cauce_table import flat, is_numeric, numbers, plain_values

Hashes = NDArray[np.uint64]
Places = NDArray[np.intp]


def split(rows: Hashes, groups: NDArray[np.float64] | None, fraction: float) -> tuple[Places, Places]:
    """(kept, taken): in every group (class) the rows with the smallest hashes are taken; a group keeps at least one row."""
    if groups is None:
        groups = np.zeros(len(rows))
    order = np.lexsort((rows, groups))
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    rank = np.arange(len(rows)) - np.repeat(starts, sizes)
    share = np.minimum(np.floor(sizes * fraction + 0.5), sizes - 1)
    if not share.any():
        # Every group is too small to give a row: the largest one does.
        share[np.argmax(sizes)] = 1
    taken = np.zeros(len(rows), dtype=bool)
    taken[order] = rank < np.repeat(share, sizes)
    return np.flatnonzero(~taken), np.flatnonzero(taken)


def hash_rows(table: pa.Table, seed: int) -> Hashes:
    """One number for each row; the second of two equal rows gets another than the first."""
    total = np.full(table.num_rows, np.uint64(seed % 2**32), dtype=np.uint64)
    for name in table.column_names:
        total = mix(total ^ mix(hash_cells(flat(table[name])) + np.uint64(zlib.crc32(name.encode()))))
    order = np.argsort(total, kind="stable")
    ordered = total[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    starts = np.flatnonzero(first)
    repeat = np.arange(len(total)) - np.repeat(starts, np.diff(np.append(starts, len(total))))
    total[order] = np.where(repeat > 0, mix(ordered + repeat.astype(np.uint64)), ordered)
    return total


def describe_split(table: pa.Table, seed: int, fraction: float) -> Split:
    """What decides who is in the test part, beside the rows themselves."""
    columns = "\n".join(f"{name}\t{hashed_as(table[name].type)}" for name in table.column_names)
    return {"seed": seed, "testFraction": fraction, "columns": f"{zlib.crc32(columns.encode('utf-8', 'surrogatepass')):08x}"}


def other_split(ours: Split | None, theirs: Split | None) -> str | None:
    """Why rows of our test part may have been among those that the other model learned from; None when they were not, or nobody knows."""
    if ours is None or theirs is None:
        return None
    if ours["columns"] != theirs["columns"]:
        return "the table had other columns"
    if ours["seed"] != theirs["seed"]:
        return f"the split's seed was {theirs['seed']}, now it is {ours['seed']}"
    if ours["testFraction"] > theirs["testFraction"]:
        return f"the test part was {theirs['testFraction']:g} of the rows, now it is {ours['testFraction']:g}"
    return None


def hashed_as(kind: pa.DataType) -> str:
    if is_numeric(kind):
        return "number"
    return "moment" if pa.types.is_temporal(kind) and not pa.types.is_time(kind) else "text"


def hash_cells(column: pa.Array) -> Hashes:
    if hashed_as(column.type) == "number":
        return (numbers(column) + 0.0).view(np.uint64)
    if hashed_as(column.type) == "moment":
        return column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False).view(np.uint64)
    dictionary = column.dictionary_encode()
    codes = dictionary.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    hashes = np.array(
        [zlib.crc32(str(value).encode("utf-8", "surrogatepass")) for value in plain_values(dictionary.dictionary)] + [0], dtype=np.uint64
    )
    return hashes[codes]


def mix(values: Hashes) -> Hashes:
    """splitmix64's finish: every bit of the result depends on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
