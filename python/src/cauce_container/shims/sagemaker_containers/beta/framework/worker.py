"""The response that scripts return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Response:
    """A body with a status and a type; what is not given is as in Flask."""

    default_mimetype = "text/html"

    def __init__(
        self,
        response: Any = None,
        status: int | str | None = None,
        headers: Mapping[str, str] | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        **_: Any,
    ) -> None:
        self.response = response
        self.status_code = 200 if status is None else int(str(status).split(" ")[0])
        self.headers = dict(headers or {})
        self.mimetype = mimetype or self.default_mimetype
        self.content_type = content_type or (f"{self.mimetype}; charset=utf-8" if self.mimetype.startswith("text/") else self.mimetype)

    def cauce_reply(self) -> tuple[Any, int, str, dict[str, str]]:
        return self.response, self.status_code, self.content_type, self.headers
