"""Any key will do; the refusals of a wrong one can be had, over WebSockets and over HTTP."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from google.genai.errors import APIError, ClientError
from google.genai.types import LiveConnectConfig, Modality
from google.oauth2.credentials import Credentials
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.emulator.conftest import Emulator

GEMINI = "/ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"
VERTEX = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
TEXT = LiveConnectConfig(response_modalities=[Modality.TEXT])
SETUP = '{"setup": {"model": "models/gemini-3.8-live"}}'
Headers = dict[str, str]

KEY = {"x-goog-api-key": "any"}
BEARER = {"Authorization": "Bearer ya29.any"}

ADMITTED: list[tuple[str, Headers]] = [
    ("/", {}),
    ("//", KEY),
    ("//" + GEMINI.format("v1"), KEY),
    (GEMINI.format("v1beta") + "?key=any", {}),
    (GEMINI.format("v1alpha") + "Constrained?key=any", {}),
    (VERTEX, BEARER),
    (VERTEX, KEY),
]


@pytest.mark.parametrize(("path", "headers"), ADMITTED)
async def test_admitted(emulator: Emulator, path: str, headers: Headers) -> None:
    async with connect(emulator.url + path, additional_headers=headers) as connection:
        await connection.send(SETUP)
        assert "setupComplete" in json.loads(await connection.recv())


NOT_VALID = (1007, "API key not valid. Please pass a valid API key.")
EXPIRED = (1007, "API key expired. Please renew the API key.")
NOBODY = (
    1008,
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API",
)
NO_OAUTH = (1008, "Request is missing required authentication credential. Expected OAuth 2 ")
BAD_OAUTH = (1008, "Request had invalid authentication credentials. Expected OAuth 2 access token")

REFUSED: list[tuple[str, Headers, tuple[int, str]]] = [
    (GEMINI.format("v1"), {"x-goog-api-key": "invalid"}, NOT_VALID),
    (GEMINI.format("v1beta") + "?key=INVALID", {}, NOT_VALID),
    (GEMINI.format("v1beta") + "?key=expired", {}, EXPIRED),
    (GEMINI.format("v1beta"), {}, NOBODY),
    (GEMINI.format("v1beta") + "?key=", {}, NOBODY),
    (GEMINI.format("v1beta") + "?access_token=auth_tokens/x", {}, NOBODY),
    (GEMINI.format("v1beta"), {"x-goog-api-key": "auth_tokens/x"}, NOBODY),
    (GEMINI.format("v1beta"), BEARER, NOBODY),
    (GEMINI.format("v1beta") + "Constrained", {}, NOBODY),
    ("/?key=invalid", {}, NOT_VALID),
    (VERTEX, {}, NO_OAUTH),
    (VERTEX, {"Authorization": "Bearer invalid"}, BAD_OAUTH),
    (VERTEX, {"x-goog-api-key": "invalid"}, NOT_VALID),
]


@pytest.mark.parametrize(("path", "headers", "refusal"), REFUSED)
async def test_refused_by_a_close_frame(
    emulator: Emulator, path: str, headers: Headers, refusal: tuple[int, str]
) -> None:
    """The upgrade succeeds, and so does sending the setup; then comes the reason."""
    async with connect(emulator.url + path, additional_headers=headers) as connection:
        await connection.send(SETUP)
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    code, reason = refusal
    assert closed.value.rcvd.code == code
    assert closed.value.rcvd.reason.startswith(reason)
    assert len(closed.value.rcvd.reason.encode()) <= 123


async def test_the_sdk_is_told_of_its_key(emulator: Emulator) -> None:
    client = emulator.client("invalid")
    with pytest.raises(APIError, match="API key not valid") as refused:
        async with client.aio.live.connect(model="gemini-2.0-flash-exp", config=TEXT):
            pass
    assert refused.value.code == 1007
    with pytest.raises(ClientError, match="API key not valid") as denied:
        await client.aio.models.list()
    assert (denied.value.code, denied.value.status) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("token", ["ya29.any", "invalid"])
async def test_vertex_with_the_credentials_of_a_project(emulator: Emulator, token: str) -> None:
    credentials = Credentials(token=token)  # type: ignore[no-untyped-call]
    client = emulator.client(
        "", vertexai=True, project="p", location="us-central1", credentials=credentials
    )
    session = client.aio.live.connect(model="gemini-2.0-flash-exp", config=TEXT)
    if token == "invalid":
        with pytest.raises(APIError, match="invalid authentication credentials"):
            await session.__aenter__()
        return
    async with session as live:
        assert live.session_id


def fetch(url: str, headers: Headers, data: bytes | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


HTTP: list[tuple[str, Headers, int, str]] = [
    ("/v1beta/models", {}, 403, "PERMISSION_DENIED"),
    ("/v1beta/models?key=expired", {}, 400, "INVALID_ARGUMENT"),
    ("/v1beta/models", {"x-goog-api-key": "auth_tokens/x"}, 403, "PERMISSION_DENIED"),
    ("/v1beta1/publishers/google/models", {}, 401, "UNAUTHENTICATED"),
]


@pytest.mark.parametrize(("path", "headers", "code", "status"), HTTP)
async def test_refused_over_http(
    emulator: Emulator, path: str, headers: Headers, code: int, status: str
) -> None:
    url = emulator.url.replace("ws:", "http:") + path
    found, answer = await asyncio.to_thread(fetch, url, headers)
    assert found == answer["error"]["code"] == code
    assert answer["error"]["status"] == status
    if code == 403:
        assert answer["error"]["message"].endswith("identity to call this API."), "in full"
