"""A container's folder, and its two programs, run as processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"


class UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Container:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("input/config", "input/data", "model", "output", "code"):
            (folder / name).mkdir(parents=True)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def configure(self, hyperparameters: dict[str, str], **channels: str) -> None:
        """Channels by name, each with its content type."""
        self.write("input/config/hyperparameters.json", json.dumps(hyperparameters))
        configured = {name: {"ContentType": kind, "TrainingInputMode": "File"} for name, kind in channels.items()}
        self.write("input/config/inputdataconfig.json", json.dumps(configured))
        self.write("input/config/resourceconfig.json", json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
        return {"PATH": os.defpath, "PYTHONPATH": str(SOURCES), "CAUCE_OPT_ML": str(self.folder), **kept, **more}

    def train(self, algorithm: str = "xgboost") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cauce_container.train"]
        return subprocess.run(command, env=self.environment(CAUCE_ALGORITHM=algorithm), capture_output=True, text=True, check=False)

    def failure(self) -> str:
        return (self.folder / "output" / "failure").read_text()

    @contextmanager
    def serve(self, **environment: str) -> Generator[UnixConnection]:
        # The path of a socket must be short.
        address = self.folder / "s"
        process = subprocess.Popen(
            [sys.executable, "-m", "cauce_container.serve"],
            env=self.environment(CAUCE_LISTEN=f"unix:{address}", **environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip() == "cauce-container: serving":
                    break
            else:
                assert process.stderr is not None
                raise RuntimeError(process.stderr.read())
            yield UnixConnection(address)
        finally:
            process.terminate()
            process.communicate()


def ask(connection: UnixConnection, body: str | bytes, content_type: str = "application/json", accept: str = "") -> tuple[int, str, str]:
    headers = {"Content-Type": content_type, **({"Accept": accept} if accept else {})}
    connection.request("POST", "/invocations", body, headers)
    response: HTTPResponse = connection.getresponse()
    return response.status, response.headers.get("Content-Type", ""), response.read().decode()


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path / "ml")
