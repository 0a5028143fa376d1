"""Text to matrices."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import xgboost
from sagemaker_containers.beta.framework.errors import UnsupportedFormatError

CSV = ("text/csv",)
LIBSVM = ("text/libsvm", "text/x-libsvm")


def csv_to_dmatrix(input: str | bytes, dtype: Any = np.float32) -> xgboost.DMatrix:
    lines = as_text(input).strip().splitlines()
    first = lines[0] if lines else ""
    delimiter = next((mark for mark in (",", "\t", ";", "|", " ") if mark in first), ",")
    return xgboost.DMatrix(np.atleast_2d(np.genfromtxt(lines, dtype=dtype, delimiter=delimiter, ndmin=2)))


def libsvm_to_dmatrix(string_like: str | bytes) -> xgboost.DMatrix:
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    lines = as_text(string_like).strip().splitlines()
    for row, line in enumerate(lines):
        for item in line.split():
            column, colon, value = item.partition(":")
            if colon:
                rows.append(row)
                columns.append(int(column))
                values.append(float(value))
    width = max(columns, default=-1) + 1
    return xgboost.DMatrix(csr_matrix((values, (rows, columns)), shape=(len(lines), width), dtype=np.float32))


def decode(obj: Any, content_type: str) -> xgboost.DMatrix:
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    if kind in CSV:
        return csv_to_dmatrix(obj)
    if kind in LIBSVM:
        return libsvm_to_dmatrix(obj)
    raise UnsupportedFormatError(content_type)


def as_text(data: str | bytes | io.BytesIO) -> str:
    if isinstance(data, io.BytesIO):
        data = data.getvalue()
    return data if isinstance(data, str) else bytes(data).decode("utf-8")
