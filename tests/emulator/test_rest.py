"""The HTTP side, as the SDK reads it: models, pages, errors in Google's form."""

from __future__ import annotations

import asyncio

import pytest
from google.genai.errors import ClientError

from tests.emulator.conftest import Emulator
from tests.emulator.test_access import KEY, fetch
from tui.core import models as models_of_table
from tui.emulator.terms import profiles


def served(service: str) -> list[str]:
    return [name for name in profiles.names() if service in models_of_table.model(name).apis]


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
async def test_the_sdk_lists_the_models(emulator: Emulator, version: str) -> None:
    client = emulator.client(version=version)
    models = [model async for model in await client.aio.models.list(config={"page_size": 1})]
    assert [model.name for model in models] == [f"models/{name}" for name in served("gemini")]
    assert len(models) > 1, "over several pages"
    assert all(model.supported_actions == ["bidiGenerateContent"] for model in models)
    assert all(model.input_token_limit and model.output_token_limit for model in models)
    assert [model.name for model in await asyncio.to_thread(client.models.list)] == [
        model.name for model in models
    ]


async def test_the_sdk_gets_a_model(emulator: Emulator) -> None:
    client = emulator.client()
    model = await client.aio.models.get(model="gemini-3.8-live")
    assert model.name == "models/gemini-3.8-live"
    assert "LOCAL EMULATOR" in (model.description or "")
    with pytest.raises(ClientError) as missing:
        await client.aio.models.get(model="gemini-9.9")
    assert (missing.value.code, missing.value.status) == (404, "NOT_FOUND")


async def test_vertex_lists_and_gets(emulator: Emulator) -> None:
    client = emulator.client(vertexai=True)
    models = [model.name async for model in await client.aio.models.list()]
    assert models == [f"publishers/google/models/{name}" for name in served("vertex")]
    assert set(served("vertex")) != set(served("gemini"))
    model = await client.aio.models.get(model="gemini-3.8-live")
    assert model.name == "publishers/google/models/gemini-3.8-live"
    with pytest.raises(ClientError):
        await client.aio.models.get(model="gemini-9.9")


async def test_a_model_is_not_asked_over_http(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="not supported for generateContent") as refused:
        await emulator.client().aio.models.generate_content(model="gemini-3.8-live", contents="Hi")
    assert refused.value.code == 404


@pytest.mark.parametrize("query", ["pageSize=many", "pageToken=none", "pageToken=LTU="])
async def test_pages_that_are_none(emulator: Emulator, query: str) -> None:
    url = emulator.url.replace("ws:", "http:") + f"/v1beta/models?{query}"
    status, answer = await asyncio.to_thread(fetch, url, KEY)
    assert status == 400
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
