from __future__ import annotations

import pytest
from google.genai import types

from tests.core import field_table
from tui.core import field_guide, schema
from tui.core.field_guide import note


def test_types_and_enums_are_those_of_the_installed_sdk() -> None:
    assert field_table.FILE.read_text() == field_table.written(
        field_table.table(field_table.shipped())
    )


def test_every_field_of_both_directions_has_a_meaning_and_none_has_one_too_many() -> None:
    meanings = {
        (message, field)
        for message, words in field_guide._meanings().items()
        if not message.startswith("deprecated")
        for field in words
    }
    fields = {
        (name, field.name)
        for name, message in schema.messages().items()
        for field in message.values()
    }
    assert meanings == fields


def test_what_the_sdk_calls_deprecated_is_marked() -> None:
    deprecated = field_guide._meanings()["deprecated"]
    said = {
        f"{name}.{field_table.camel(field.alias or key)}"
        for name in schema.messages()
        for key, field in getattr(types, name).model_fields.items()
        if "eprecated" in (field.description or "")
    }
    beside = {"LiveClientRealtimeInput.mediaChunks"}  # the service refuses it, the SDK says nothing
    assert set(deprecated) == said | beside
    for value in field_guide._meanings()["deprecatedValues"]:
        enum, _, name = value.partition(".")
        assert name in field_guide._table()["enums"][enum]


@pytest.mark.parametrize(
    ("path", "direction", "message", "name", "type_", "since"),
    [
        ("serverContent", "receive", "LiveServerMessage", "serverContent", "LiveServerContent", ""),
        ("server_content.turn_complete", "receive", "LiveServerContent", "turnComplete", "", ""),
        (
            "serverContent.modelTurn.parts[0].inlineData.data",
            *("receive", "Blob", "data", "bytes", "0.3.0"),
        ),
        ("serverContent.modelTurn.parts[0]", "receive", "Content", "parts", "Part[]", "0.3.0"),
        (
            "context_update.tools.tools",
            *("send", "LiveClientContextUpdateTools", "tools", "Tool[]", "2.32.0"),
        ),
        (
            "setup.tools[0].functionDeclarations[0].parameters.properties.my_city.type",
            *("send", "Schema", "type", "Type", "0.3.0"),
        ),
        ("setup.labels.team", "send", "LiveClientSetup", "labels", "JSON", "2.26.0"),
    ],
)
def test_a_path_leads_to_its_field(
    path: str, direction: str, message: str, name: str, type_: str, since: str
) -> None:
    found = note(path, direction)
    assert found is not None
    assert (found.message, found.name) == (message, name)
    assert found.known
    assert type_ in ("", found.type)
    assert since in ("", found.since)
    assert found.meaning


def test_an_enum_has_its_values_and_the_deprecated_one_says_what_to_use() -> None:
    found = note("serverContent.interactionStatus", "receive")
    assert found is not None
    assert found.values == (
        "INTERACTION_STATUS_UNSPECIFIED",
        "IN_PROGRESS",
        "REQUIRES_ACTION",
        "IDLE",
    )
    assert found.deprecated_values == {"REQUIRES_ACTION": "use IDLE"}


def test_a_deprecated_field_says_what_to_use() -> None:
    found = note("realtime_input.media_chunks[0]", "send")
    assert found is not None
    assert "use audio or video" in found.deprecated


@pytest.mark.parametrize(
    "path", ["future", "future.below[0].it", "voiceActivity.voiceActivityType"]
)
def test_what_the_sdk_does_not_know_has_a_note_without_a_type(path: str) -> None:
    found = note(path, "receive")
    assert found is not None
    assert not found.known
    assert not found.meaning


def test_user_data_is_not_read_as_fields() -> None:
    below = note("toolCall.functionCalls[0].args.id", "receive")
    assert below == note("toolCall.functionCalls[0].args", "receive")
    assert below is not None
    assert below.user_data


@pytest.mark.parametrize("path", ["", "...", "[[[", "[7]", "a" * 100_000, "x." * 10_000])
def test_any_path_is_taken(path: str) -> None:
    found = note(path, "receive")
    assert found is None or not found.known
