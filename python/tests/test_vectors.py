"""inference.py against the answers in test/vectors, which src/scoring/vectors.test.ts holds the native scorer to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from steps import VECTORS

import inference


def cases() -> list[Any]:
    found: list[Any] = []
    for folder in sorted(VECTORS.iterdir()):
        for number, case in enumerate(read(folder)["cases"]):
            found.append(pytest.param(folder.name, case, id=f"{folder.name}-{number}"))
    return found


def read(folder: Path) -> Any:
    return json.loads((folder / "cases.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models() -> dict[str, inference.Model]:
    return {folder.name: inference.model_fn(str(folder)) for folder in VECTORS.iterdir()}


@pytest.mark.parametrize(("name", "case"), cases())
def test_answers_as_before(models: dict[str, inference.Model], name: str, case: dict[str, Any]) -> None:
    body = case["body"]
    for sent in (body, body.encode()):
        status, text = inference.answer(models[name], sent, case.get("contentType"))
        assert status == case["status"]
        assert_near(json.loads(text), case["answer"])


def assert_near(got: Any, wanted: Any) -> None:
    if isinstance(wanted, dict):
        assert list(got) == list(wanted)
        for key, value in wanted.items():
            assert_near(got[key], value)
    elif isinstance(wanted, list):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted, strict=True):
            assert_near(one, other)
    elif isinstance(wanted, float):
        assert got == pytest.approx(wanted, rel=1e-6)
    else:
        assert got == wanted
