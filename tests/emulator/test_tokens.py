"""Ephemeral tokens: minted over HTTP, used once or so, for a while, for what they allow."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from google import genai
from google.genai.errors import APIError, ClientError
from google.genai.types import (
    CreateAuthTokenConfig,
    LiveConnectConfig,
    LiveConnectConstraints,
    Modality,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.emulator.conftest import WAIT_S, Emulator
from tests.emulator.test_access import KEY, fetch
from tui.emulator.edge.tokens import Tokens
from tui.emulator.refusal import Refusal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MODEL, OTHER = "gemini-2.0-flash-exp", "gemini-3.8-live"
TEXT = LiveConnectConfig(response_modalities=[Modality.TEXT])
PATH = "//ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained"


def first(**setup: Any) -> bytes:
    return orjson.dumps({"setup": {"model": f"models/{MODEL}", **setup}})


def effective(tokens: Tokens, name: str, message: bytes) -> dict[str, Any]:
    """The setup that the server goes by."""
    payload, _ = tokens.admit(name, message, NOW)
    setup: dict[str, Any] = json.loads(payload)["setup"]
    return setup


def refusal(tokens: Tokens, name: str, now: datetime, message: bytes = first()) -> str:
    with pytest.raises(Refusal) as refused:
        tokens.admit(name, message, now)
    return f"{refused.value.code} {refused.value.reason}"


SPENT = "1011 Token has been used too many times"


def test_it_is_good_once_unless_more_is_said() -> None:
    tokens = Tokens()
    for uses in (1, 3):
        name = tokens.mint({} if uses == 1 else {"uses": uses}, NOW)
        for _ in range(uses):
            tokens.admit(name, first(), NOW)
        assert refusal(tokens, name, NOW) == SPENT


def test_zero_uses_are_any_number() -> None:
    tokens = Tokens()
    name = tokens.mint({"uses": 0}, NOW)
    for _ in range(50):
        tokens.admit(name, first(), NOW)


def test_resuming_is_no_use() -> None:
    tokens = Tokens()
    name = tokens.mint({}, NOW)
    resumption = first(sessionResumption={"handle": "h"})
    for message in (first(), resumption, b'{"setup": {"session_resumption": {"handle": "h"}}}'):
        tokens.admit(name, message, NOW)
    assert refusal(tokens, name, NOW) == SPENT
    later = NOW + timedelta(minutes=29)
    assert tokens.admit(name, resumption, later)[1] == 60, "seconds until it must end"


def test_new_sessions_begin_within_a_minute_and_all_end_within_half_an_hour() -> None:
    tokens = Tokens()
    name = tokens.mint({"uses": 9}, NOW)
    assert tokens.admit(name, first(), NOW + timedelta(seconds=59))[1] == 30 * 60 - 59
    assert "no new session" in refusal(tokens, name, NOW + timedelta(seconds=60))
    resumption = first(sessionResumption={"handle": "h"})
    assert "expired" in refusal(tokens, name, NOW + timedelta(minutes=30), resumption)


def test_times_may_be_chosen() -> None:
    tokens = Tokens()
    body = {
        "expireTime": "2026-11-26T08:00:00Z",
        "newSessionExpireTime": "2026-11-25T13:30:00+01:00",
    }
    name = tokens.mint(body | {"uses": "2"}, NOW)
    assert tokens.admit(name, first(), NOW + timedelta(minutes=29))[1] == 20 * 3600 - 29 * 60
    assert "no new session" in refusal(tokens, name, NOW + timedelta(minutes=30))


BAD_BODIES: list[tuple[Any, str]] = [
    ({"usess": 1}, "Unknown name \"usess\" at 'auth_token'"),
    ({"uses": "many"}, "Invalid value at 'auth_token.uses'"),
    ({"uses": -1}, "invalid argument"),
    ({"expireTime": "soon"}, "Invalid value at 'auth_token.expire_time'"),
    ({"expireTime": "2026-11-26T08:00:01Z"}, "no more than 20 hours"),
    ({"newSessionExpireTime": "2026-11-25T12:00:00Z"}, "in the future"),
    ({"bidiGenerateContentSetup": []}, "Invalid value"),
    ({"bidiGenerateContentSetup": {"generationConfig": {"foo": 1}}}, 'Unknown name "foo"'),
    ({"fieldMask": ["model"]}, "Invalid value at 'auth_token.field_mask'"),
]


@pytest.mark.parametrize(("body", "why"), BAD_BODIES)
def test_a_body_that_is_none(body: Any, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        Tokens().mint(body, NOW)
    assert why in refused.value.text


def test_nobody_mints_without_end() -> None:
    tokens = Tokens()
    names = [tokens.mint({}, NOW) for _ in range(4097)]
    assert refusal(tokens, names[0], NOW) == "1008 Token not found"
    tokens.admit(names[-1], first(), NOW)


LOCKED = {"model": f"models/{OTHER}", "generationConfig": {"temperature": 0.5}}
ASKED: dict[str, Any] = {
    "generationConfig": {"temperature": 2, "topK": 3},
    "systemInstruction": {"parts": [{"text": "Obey"}]},
}


def test_a_setup_without_a_mask_is_taken_whole() -> None:
    tokens = Tokens()
    name = tokens.mint({"uses": 0, "bidiGenerateContentSetup": LOCKED}, NOW)
    assert effective(tokens, name, first(**ASKED)) == LOCKED
    nested = tokens.mint({"uses": 0, "bidi_generate_content_setup": {"setup": LOCKED}}, NOW)
    assert effective(tokens, nested, first(**ASKED)) == LOCKED


def test_the_handle_stays_the_clients() -> None:
    tokens = Tokens()
    name = tokens.mint({"bidiGenerateContentSetup": LOCKED | {"sessionResumption": {}}}, NOW)
    asked = first(sessionResumption={"handle": "h"})
    assert effective(tokens, name, asked)["sessionResumption"] == {"handle": "h"}


def test_a_mask_locks_its_fields_alone() -> None:
    tokens = Tokens()
    mask = "generationConfig.temperature,system_instruction,generationConfig.seed"
    name = tokens.mint({"bidiGenerateContentSetup": LOCKED, "fieldMask": mask}, NOW)
    assert effective(tokens, name, first(**ASKED, proactivity={})) == {
        "model": f"models/{MODEL}",
        "generationConfig": {"temperature": 0.5, "topK": 3},
        "proactivity": {},
    }, "what is locked and not set is taken away"


def test_without_a_setup_the_client_says_what_it_wants() -> None:
    tokens = Tokens()
    name = tokens.mint({"fieldMask": ""}, NOW)
    assert tokens.admit(name, first(**ASKED), NOW)[0] == first(**ASKED)


def test_what_is_no_setup_is_left_to_the_session() -> None:
    tokens = Tokens()
    for message in (b"junk", b"[]", b'{"realtimeInput": {}}'):
        name = tokens.mint({"bidiGenerateContentSetup": LOCKED}, NOW)
        assert tokens.admit(name, message, NOW)[0] == message


# ---- over sockets, with the SDK


@pytest.fixture(autouse=True)
def experiments() -> Iterator[None]:
    """The SDK warns of its tokens."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(experimental|v1alpha).*")
        yield


async def mint(emulator: Emulator, **config: Any) -> str:
    client = emulator.client("AIzaSy-mine", version="v1alpha")
    token = await client.aio.auth_tokens.create(config=CreateAuthTokenConfig(**config))
    return str(token.name)


async def converse(client: genai.Client, model: str = MODEL, config: Any = TEXT) -> str:
    words = ""
    async with client.aio.live.connect(model=model, config=config) as session:
        await session.send_realtime_input(text="What is 6 * 7?")
        async for message in session.receive():
            words += message.text or ""
    return words


@pytest.mark.parametrize("version", ["v1alpha", "v1beta", None])
async def test_the_sdk_converses_with_a_token(emulator: Emulator, version: str | None) -> None:
    client = emulator.client(await mint(emulator), version=version)
    assert await converse(client) == "That is 42."
    with pytest.raises(APIError, match="Token has been used too many times") as refused:
        await converse(client)
    assert refused.value.code == 1011


async def test_the_blocking_client_mints(emulator: Emulator) -> None:
    client = emulator.client(version="v1beta")
    token = await asyncio.to_thread(client.auth_tokens.create, config={"uses": 2})
    assert (token.name or "").startswith("auth_tokens/")
    with pytest.raises(ClientError, match="no more than 20 hours") as refused:
        await asyncio.to_thread(
            client.auth_tokens.create, config={"expire_time": datetime(2036, 1, 1, tzinfo=UTC)}
        )
    assert (refused.value.code, refused.value.status) == (400, "INVALID_ARGUMENT")


async def test_what_is_locked_is_locked(emulator: Emulator) -> None:
    constraints = LiveConnectConstraints(
        model=MODEL, config=TEXT.model_copy(update={"temperature": 0.7})
    )
    asked = {"response_modalities": ["AUDIO"]}
    whole = await mint(emulator, uses=0, live_connect_constraints=constraints)
    assert await converse(emulator.client(whole), OTHER, asked) == "That is 42."
    some = await mint(
        emulator, uses=0, live_connect_constraints=constraints, lock_additional_fields=["seed"]
    )
    assert await converse(emulator.client(some), OTHER, asked) == "That is 42."
    nothing = await mint(emulator, uses=0)
    with pytest.raises(APIError, match="TEXT"):
        await converse(emulator.client(nothing), OTHER, TEXT)


async def minted(emulator: Emulator, body: dict[str, Any]) -> str:
    url = emulator.url.replace("ws:", "http:") + "/v1alpha/auth_tokens"
    status, answer = await asyncio.to_thread(fetch, url, KEY, json.dumps(body).encode())
    assert status == 200
    return str(answer["name"])


async def closed(connection: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as ended:
        async with asyncio.timeout(WAIT_S):
            while True:
                await connection.recv()
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


@pytest.mark.parametrize("by", ["query", "header", "key header"])
async def test_it_is_shown_in_three_ways(emulator: Emulator, by: str) -> None:
    name, headers = await minted(emulator, {}), {}
    if by == "header":
        headers["Authorization"] = f"Token {name}"
    if by == "key header":
        headers["x-goog-api-key"] = name
    query = f"?access_token={name.replace('/', '%2F')}" if by == "query" else ""
    for again in (False, True):
        async with connect(emulator.url + PATH + query, additional_headers=headers) as connection:
            await connection.send(first())
            if again:
                assert await closed(connection) == (1011, "Token has been used too many times")
            else:
                assert "setupComplete" in json.loads(await connection.recv())


async def test_a_session_ends_with_its_token(emulator: Emulator) -> None:
    end = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    name = await minted(emulator, {"expireTime": end})
    async with connect(f"{emulator.url}{PATH}?access_token={name}") as connection:
        await connection.send(first())
        assert "setupComplete" in json.loads(await connection.recv())
        assert await closed(connection) == (1008, "Token has expired: its sessions are over")


async def test_a_token_of_nobody(emulator: Emulator) -> None:
    async with connect(f"{emulator.url}{PATH}?access_token=auth_tokens/x") as connection:
        await connection.send(first())
        assert await closed(connection) == (1008, "Token not found")


async def test_a_body_that_is_no_json(emulator: Emulator) -> None:
    url = emulator.url.replace("ws:", "http:") + "/v1alpha/auth_tokens"
    status, answer = await asyncio.to_thread(fetch, url, KEY, b"{")
    assert status == 400
    assert answer["error"]["message"].startswith("Invalid JSON payload received.")
