"""The smallest build backend: the Python files of this folder as a wheel, made without any package from an index."""

from __future__ import annotations

import os
import zipfile

PROJECT = "cauce_inference-1.0.0"
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: cauce-inference\nVersion: 1.0.0\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: cauce\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    return []


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    modules = sorted(name for name in os.listdir() if name.endswith(".py") and name not in ("_build.py", "setup.py"))
    info = f"{PROJECT}.dist-info"
    record = "".join(f"{name},,\n" for name in [*modules, *(f"{info}/{name}" for name in (*METADATA, "RECORD"))])
    wheel = f"{PROJECT}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w") as archive:
        for name in modules:
            archive.write(name, name)
        for name, text in {**METADATA, "RECORD": record}.items():
            archive.writestr(f"{info}/{name}", text)
    return wheel
