"""What a program's own requirements.txt names and the image does not have, in a folder of its own.

Also a program: `python3 -m cauce_container.packages`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .failure import CustomerError
from .layout import OPT_ML

PIP = [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]


def install(requirements: Path, target: Path) -> None:
    """The runtime itself is shared and read-only; with --target alone pip would bring the image's own packages once more."""
    # Where pip finds its index is no business of the script.
    settings = json.loads(os.environ.pop("CAUCE_INSTALLER_ENVIRONMENT", "{}"))
    environment = {**os.environ, **settings}
    target.mkdir(parents=True, exist_ok=True)
    text = requirements.read_text(encoding="utf-8", errors="replace")
    into = ["--target", str(target)]
    if "--hash" in text:
        pip([*into, "-r", str(requirements)], environment, requirements.parent)
        return
    report = target / ".report.json"
    pip(["--dry-run", "--quiet", "--report", str(report), "-r", str(requirements)], environment, requirements.parent)
    missing = [exactly(one) for one in json.loads(report.read_text())["install"]]
    report.unlink()
    if not missing:
        return
    # The file's own options, such as an index, hold for these too.
    lines = [line for line in text.splitlines() if line.lstrip().startswith(("--index-url", "--extra-index-url", "--trusted-host", "-i ", "--pre"))]
    resolved = target / ".resolved.txt"
    resolved.write_text("\n".join([*lines, *missing]) + "\n")
    pip([*into, "--no-deps", "-r", str(resolved)], environment, requirements.parent)
    resolved.unlink()


def exactly(one: dict[str, Any]) -> str:
    name = one["metadata"]["name"]
    return f"{name} @ {one['download_info']['url']}" if one.get("is_direct") else f"{name}=={one['metadata']['version']}"


def pip(arguments: list[str], environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run([*PIP, *arguments], env=environment, cwd=folder, check=False, stdout=sys.stdout, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode != 0:
        errors = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")]
        reason = errors[-1:] or done.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
        raise CustomerError(f"InstallRequirementsError: requirements.txt could not be installed: {reason[0]}")


def main() -> None:
    # Whatever the server's mask is, the user that a container runs as must be able to read them.
    os.umask(0o022)
    try:
        install(OPT_ML / "requirements.txt", OPT_ML / "packages")
    except CustomerError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
