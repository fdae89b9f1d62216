"""What the emulator answers to requests that are no WebSocket: models, tokens, a page in words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from tui.core import models
from tui.core.wire import Undecodable, parse
from tui.emulator import refusal
from tui.emulator.edge.access import Credential
from tui.emulator.edge.tokens import Tokens
from tui.emulator.refusal import Refusal
from tui.emulator.terms import profiles

PAGE_SIZE, LARGEST_PAGE = 50, 1000
METHOD = "bidiGenerateContent"

PAGE = """\
LOCAL EMULATOR of the Gemini Live API, by bidiscope. It is not Gemini, and it needs no key.

Point a client of the Live API at this address; connect a WebSocket to it, to be exact.
"""
ELSEWHERE = """\
This is not a path of the Live API: use / or
/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent,
GET /v1beta/models or POST /v1alpha/auth_tokens.
"""

_GEMINI = r"/(?:v1|v1beta|v1alpha)"
_VERTEX = r"/(?:v1|v1beta1)(?:/projects/[^/]+/locations/[^/]+)?/publishers/google"

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
}
"""The names of Google's HTTP APIs (google.rpc.Code)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request; the names of ``headers`` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"

    @classmethod
    def words(cls, status: int, text: str) -> Answer:
        """For a human."""
        return cls(status, text.encode(), "text/plain; charset=UTF-8")

    @classmethod
    def json(cls, value: Mapping[str, Any], status: int = HTTPStatus.OK) -> Answer:
        """An object, as Google prints it."""
        return cls(
            status, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )

    @classmethod
    def error(cls, status: int, message: str) -> Answer:
        """Google's form of an error."""
        error = {"code": status, "message": message, "status": _STATUSES[status]}
        return cls.json({"error": error}, status)


class Rest:
    """The HTTP side of a server; ``clock`` tells the time, with its zone."""

    def __init__(self, tokens: Tokens, clock: Callable[[], datetime]) -> None:
        self._tokens, self._clock = tokens, clock

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path = "/" + urlsplit("//x/" + request.target.lstrip("/")).path.lstrip("/")
        if path == "/" and request.method in ("GET", "HEAD"):
            return Answer.words(HTTPStatus.OK, PAGE)
        for method, form, vertex, serve in self._routes():
            found = re.fullmatch(form, path)
            if found and request.method == method:
                credential = Credential.of(request.target, request.headers)
                try:
                    credential.check(vertex=vertex)
                    return serve(request, *map(unquote, found.groups()))
                except Refusal as refused:
                    return Answer.error(_status(refused, vertex), refused.text)
        return Answer.words(HTTPStatus.NOT_FOUND, ELSEWHERE)

    def _routes(self) -> list[tuple[str, str, bool, Callable[..., Answer]]]:
        return [
            ("POST", rf"{_GEMINI}/auth_tokens", False, self._mint),
            ("GET", rf"{_GEMINI}/models", False, _models),
            ("GET", rf"{_GEMINI}/models/([^/:]+)", False, _model),
            ("POST", r"/(v1|v1beta|v1alpha)/models/([^/:]+):(\w+)", False, _not_live),
            ("GET", rf"{_VERTEX}/models", True, _publisher_models),
            ("GET", rf"{_VERTEX}/models/([^/:]+)", True, _publisher_model),
        ]

    def _mint(self, request: Request) -> Answer:
        try:
            body = parse(request.body)
        except Undecodable as why:
            raise refusal.invalid_json(str(why)) from None
        return Answer.json({"name": self._tokens.mint(body, self._clock())})


def _status(refused: Refusal, vertex: bool) -> int:
    if refused.code == refusal.INVALID:
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNAUTHORIZED if vertex else HTTPStatus.FORBIDDEN


def _names(*, vertex: bool) -> list[str]:
    """The models that the service has."""
    service = "vertex" if vertex else "gemini"
    return [name for name in profiles.names() if service in models.model(name).apis]


def _models(request: Request) -> Answer:
    names, following = _page(request, _names(vertex=False))
    return Answer.json({"models": list(map(_row, names))} | following)


def _model(request: Request, name: str) -> Answer:
    if name not in _names(vertex=False):
        return Answer.error(HTTPStatus.NOT_FOUND, f"Model is not found: models/{name}")
    return Answer.json(_row(name))


def _row(name: str) -> dict[str, Any]:
    model = models.model(name)
    return {
        "name": f"models/{name}",
        "version": "emulator",
        "displayName": name,
        "description": f"LOCAL EMULATOR, not Gemini: {model.summary}",
        "inputTokenLimit": model.context_tokens,
        "outputTokenLimit": model.output_tokens,
        "supportedGenerationMethods": [METHOD],
    }


def _publisher_models(request: Request) -> Answer:
    names, following = _page(request, _names(vertex=True))
    return Answer.json({"publisherModels": list(map(_publisher_row, names))} | following)


def _publisher_model(request: Request, name: str) -> Answer:
    if name not in _names(vertex=True):
        where = f"publishers/google/models/{name}"
        return Answer.error(HTTPStatus.NOT_FOUND, f"Publisher Model `{where}` is not found.")
    return Answer.json(_publisher_row(name))


def _publisher_row(name: str) -> dict[str, Any]:
    return {"name": f"publishers/google/models/{name}", "versionId": "emulator"}


def _not_live(request: Request, version: str, name: str, method: str) -> Answer:
    return Answer.error(
        HTTPStatus.NOT_FOUND,
        f"models/{name} is not found for API version {version}, or is not supported for {method}. "
        "Call ModelService.ListModels to see the list of available models and their supported "
        "methods.",
    )


def _page(request: Request, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Those of the names that a page lists, and the field that leads to the next one."""
    query = dict(parse_qsl(urlsplit(request.target).query))
    size = query.get("pageSize", "0")
    if not re.fullmatch(r"\d{1,9}", size):
        raise refusal.wrong_type("page_size", size)
    start = _offset(query.get("pageToken", ""))
    end = start + min(int(size) or PAGE_SIZE, LARGEST_PAGE)
    token = base64.urlsafe_b64encode(b"%d" % end).decode()
    return names[start:end], {"nextPageToken": token} if end < len(names) else {}


def _offset(token: str) -> int:
    try:
        found = base64.urlsafe_b64decode(token) or b"0"
    except binascii.Error:
        found = b""
    if not re.fullmatch(rb"\d{1,9}", found):
        raise refusal.out_of_turn("The page token is none that was given here.")
    return int(found)
