"""HTTP/1.1 with keep-alive for one worker: one request at a time, from the service alone, on a socket that only it knows."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

# AWS: an HTML page, whose text says nothing about the exception.
FAILED = (
    "<!doctype html>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
    "<p>The model's code raised an exception. Its log has the traceback.</p>\n"
)
LONGEST_HEAD = 65_536
CHUNK = 262_144


@dataclass
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Reply]


class BadRequestError(Exception):
    """Not HTTP as this server speaks it; the connection is closed."""


def text(status: int, body: str, content_type: str = "text/html; charset=utf-8") -> Reply:
    return Reply(status, body.encode(), content_type)


def listen(address: str) -> socket.socket:
    """`unix:/path` or `tcp:host:port`."""
    kind, _, rest = address.partition(":")
    if kind == "unix":
        with contextlib.suppress(FileNotFoundError):
            os.unlink(rest)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(rest)
    else:
        host, _, port = rest.rpartition(":")
        listener = socket.create_server((host, int(port)))
    listener.listen(128)
    listener.setblocking(False)
    return listener


def loop(listener: socket.socket, handler: Handler) -> None:
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                connection, _ = listener.accept()
                connection.setblocking(True)
                if connection.family != socket.AF_UNIX:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ, bytearray())
                continue
            connection = cast(socket.socket, key.fileobj)
            if not talk(connection, key.data, handler):
                selector.unregister(connection)
                connection.close()


def talk(connection: socket.socket, buffer: bytearray, handler: Handler) -> bool:
    """Reads what has come and answers every whole request in it. False: the connection is over."""
    try:
        chunk = connection.recv(CHUNK)
        if not chunk:
            return False
        buffer += chunk
        while (request := take_request(buffer)) is not None:
            connection.sendall(encode(answer(handler, request)))
    except BadRequestError as error:
        with contextlib.suppress(OSError):
            connection.sendall(encode(text(400, str(error)), close=True))
        return False
    except OSError:
        return False
    return True


def take_request(buffer: bytearray) -> Request | None:
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > LONGEST_HEAD:
            raise BadRequestError("The head of the request is too long.")
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    try:
        method, path, _ = first.split(" ", 2)
        length = int(headers.get("content-length", "0"))
    except ValueError:
        raise BadRequestError("The request is not HTTP.") from None
    if "transfer-encoding" in headers or length < 0:
        raise BadRequestError("The request needs a Content-Length.")
    start = end + 4
    if len(buffer) < start + length:
        return None
    body = bytes(buffer[start : start + length])
    del buffer[: start + length]
    return Request(method, path.split("?", 1)[0], headers, body)


def answer(handler: Handler, request: Request) -> Reply:
    try:
        return handler(request)
    except Exception:  # a script's error: the trace is in the log, the caller gets a page without it
        traceback.print_exc()
        return text(500, FAILED)


def encode(reply: Reply, close: bool = False) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {reason(reply.status)}", f"content-length: {len(reply.body)}"]
    if reply.content_type is not None:
        lines.append(f"content-type: {one_line(reply.content_type)}")
    lines += [f"{one_line(name)}: {one_line(value)}" for name, value in reply.headers.items()]
    if close:
        lines.append("connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + reply.body


def one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
