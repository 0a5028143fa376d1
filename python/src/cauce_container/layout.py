"""The folders of the container. CAUCE_OPT_ML stands in for /opt/ml where that cannot be mounted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

OPT_ML = Path(os.environ.get("CAUCE_OPT_ML", "/opt/ml"))
CONFIG = OPT_ML / "input" / "config"
CHANNELS = OPT_ML / "input" / "data"
MODEL = OPT_ML / "model"
OUTPUT = OPT_ML / "output"
CODE = OPT_ML / "code"


def read_config(name: str) -> dict[str, Any]:
    """One of the files of /opt/ml/input/config; empty when it is not there."""
    try:
        return json.loads((CONFIG / f"{name}.json").read_text())
    except FileNotFoundError:
        return {}


def channel_files(name: str) -> list[Path]:
    """Every file of a channel, in order. Names that begin with a dot or an underscore are not data."""
    folder = CHANNELS / name
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
