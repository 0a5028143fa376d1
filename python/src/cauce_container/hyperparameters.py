"""Checks of hyperparameters, which arrive as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .failure import CustomerError

Check = Callable[[str, str], Any]


def validated(table: Mapping[str, Check], given: Mapping[str, str], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every value in its own type. AWS: a name that is not known fails the job, as an "extraneous hyperparameter"."""
    for name in required:
        if name not in given:
            raise CustomerError(f"Missing required hyperparameter: {name}")
    values = {}
    for name, text in given.items():
        if name not in table:
            raise CustomerError(f"Extraneous hyperparameter found: {name}")
        values[name] = table[name](name, unquoted(text))
    return values


def unquoted(text: str) -> str:
    """The SageMaker SDK sends JSON: `"3"` with quotes is the text 3."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def integer(minimum: int | None = None, maximum: int | None = None) -> Check:
    def check(name: str, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise CustomerError(f"Hyperparameter {name}: could not parse {text!r} as an integer") from None
        return within(name, value, minimum, maximum)

    return check


def number(minimum: float | None = None, maximum: float | None = None, above: float | None = None) -> Check:
    def check(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise CustomerError(f"Hyperparameter {name}: could not parse {text!r} as a number") from None
        if above is not None and not value > above:
            raise CustomerError(f"Hyperparameter {name}: {text} must be greater than {above}")
        return within(name, value, minimum, maximum)

    return check


def within(name: str, value: Any, minimum: float | None, maximum: float | None) -> Any:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        low = "-inf" if minimum is None else minimum
        high = "+inf" if maximum is None else maximum
        raise CustomerError(f"Hyperparameter {name}: {value} is not in [{low}, {high}]")
    return value


def one_of(*choices: str) -> Check:
    def check(name: str, text: str) -> str:
        if text not in choices:
            raise CustomerError(f"Hyperparameter {name}: {text} is not one of {', '.join(choices)}")
        return text

    return check


def automatic(check: Check) -> Check:
    """`auto` (None here), or what the other check takes."""
    return lambda name, text: None if text == "auto" else check(name, text)


def truth(name: str, text: str) -> bool:
    return one_of("true", "false")(name, text.lower()) == "true"


def plain(_name: str, text: str) -> str:
    return text
