"""The smallest build backend: this folder's Python code as a wheel, made without any package from an index."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator

PROJECT = "cauce_inference-1.0.0"
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: cauce-inference\nVersion: 1.0.0\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: cauce\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    return []


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    modules = sorted(packed())
    info = f"{PROJECT}.dist-info"
    record = "".join(f"{name},,\n" for name in [*modules, *(f"{info}/{name}" for name in (*METADATA, "RECORD"))])
    wheel = f"{PROJECT}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for name in modules:
            archive.write(name, name)
        for name, text in {**METADATA, "RECORD": record}.items():
            archive.writestr(f"{info}/{name}", text)
    return wheel


def packed() -> Iterator[str]:
    """Modules, and whatever lies in folders: packages with their data."""
    for folder, folders, files in os.walk("."):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in ("__pycache__", "build")]
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), ".")
            if path not in ("_build.py", "setup.py") and (name.endswith(".py") or path != name):
                yield path.replace(os.sep, "/")
