"""Arrays to text and back, by content type."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from . import content_types
from .errors import UnsupportedFormatError


def encode(array_like: Any, content_type: str) -> str | bytes:
    if content_type == content_types.JSON:
        return json.dumps(array_like, default=lambda value: value.tolist())
    if content_type == content_types.CSV:
        stream = io.StringIO()
        np.savetxt(stream, np.asarray(array_like), delimiter=",", fmt="%s")
        return stream.getvalue()
    if content_type == content_types.NPY:
        data = io.BytesIO()
        np.save(data, np.asarray(array_like))
        return data.getvalue()
    raise UnsupportedFormatError(content_type)


def decode(obj: Any, content_type: str) -> np.ndarray:
    if content_type == content_types.JSON:
        return np.array(json.loads(obj))
    if content_type == content_types.CSV:
        return np.genfromtxt(io.StringIO(as_text(obj)), dtype=np.float32, delimiter=",")
    if content_type == content_types.NPY:
        return np.load(io.BytesIO(obj), allow_pickle=False)
    raise UnsupportedFormatError(content_type)


def as_text(obj: Any) -> str:
    return obj if isinstance(obj, str) else bytes(obj).decode("utf-8")
