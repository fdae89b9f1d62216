"""What clients really send: every spelling, alphabet and shape of a message means the same."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.driver import AUDIO_MODEL, Client, tone
from tests.emulator.test_sight import jpeg

USER_DATA = ("args", "response", "properties", "parametersJsonSchema")
"""The user's own, whose keys nobody respells."""

Spelling = Callable[[str, int], str]


def snake(key: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), key)


SPELLINGS: dict[str, Spelling] = {
    "camel": lambda key, depth: key,
    "snake": lambda key, depth: snake(key),
    "as google-genai, camel above and snake below": lambda key, depth: (
        key if depth < 3 else snake(key)
    ),
    "every other level": lambda key, depth: snake(key) if depth % 2 else key,
}


def spelt(value: Any, spelling: Spelling, depth: int = 0) -> Any:
    """A camelCase message in another spelling."""
    if isinstance(value, list):
        return [spelt(one, spelling, depth) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        spelling(key, depth): item if key in USER_DATA else spelt(item, spelling, depth + 1)
        for key, item in value.items()
    }


WEATHER = {
    "name": "get_weather",
    "parametersJsonSchema": {
        "type": "object",
        "properties": {"cityName": {"type": "string"}},
        "required": ["cityName"],
    },
    "behavior": "BLOCKING",
}
SETUP: dict[str, Any] = {
    "model": AUDIO_MODEL,
    "generationConfig": {
        "responseModalities": ["AUDIO"],
        "maxOutputTokens": 4096,
        "mediaResolution": "MEDIA_RESOLUTION_LOW",
        "speechConfig": {
            "languageCode": "en-US",
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}},
        },
    },
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "tools": [{"functionDeclarations": [WEATHER]}],
    "realtimeInputConfig": {
        "automaticActivityDetection": {"disabled": True, "prefixPaddingMs": 20},
        "activityHandling": "NO_INTERRUPTION",
    },
    "contextWindowCompression": {"triggerTokens": "25000", "slidingWindow": {"targetTokens": "9"}},
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
    "sessionResumption": {},
    "historyConfig": {"initialHistoryInClientContent": True},
}


def held(spelling: Spelling) -> list[Any]:
    """What a conversation in this spelling brings about."""
    client = Client()
    client.understood.append("What is the weather in Paris?")

    def send(message: dict[str, Any]) -> None:
        client.send(spelt(message, spelling))
        client.run()

    audio = {"mimeType": "audio/pcm;rate=16000", "data": b64(tone(0.5, 0.9))}
    history = [{"role": "user", "parts": [{"text": "My name is Ada."}]}]
    send({"setup": SETUP})
    send({"clientContent": {"turns": history, "turnComplete": True}})
    send({"realtimeInput": {"text": "What is your system instruction?"}})
    send({"realtimeInput": {"activityStart": {}}})
    send({"realtimeInput": {"audio": audio}})
    send({"realtimeInput": {"activityEnd": {}}})
    call = next(m["toolCall"]["functionCalls"][0] for m in client.messages if "toolCall" in m)
    response = {"id": call["id"], "name": call["name"], "response": {"sky_color": "purple"}}
    send({"toolResponse": {"functionResponses": [response]}})
    send({"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be kind."}]}}})
    send({"realtimeInput": {"text": "What is your system instruction?"}})
    assert client.closed is None
    return [client.kinds(), client.words(), client.usage(), call["args"], client.timbres]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("spelling", list(SPELLINGS.values())[1:], ids=list(SPELLINGS)[1:])
def test_a_spelling_changes_nothing(spelling: Spelling) -> None:
    conversation = held(SPELLINGS["camel"])
    assert {"Paris"} == set(conversation[3].values())
    assert "Be brief." in conversation[1]
    assert "purple" in conversation[1]
    assert "Be kind." in conversation[1]
    assert held(spelling) == conversation


ALPHABETS: dict[str, Callable[[bytes], str]] = {
    "standard": b64,
    "standard, not padded": lambda data: b64(data).rstrip("="),
    "URL-safe": lambda data: base64.urlsafe_b64encode(data).decode(),
    "URL-safe, not padded": lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    "in lines": lambda data: base64.encodebytes(data).decode(),
}
SOUND = bytes(range(256)) * 28
assert {"+", "/"} <= set(b64(SOUND)) and b64(SOUND).endswith("=")


def manual() -> Client:
    """A client that says itself when it speaks."""
    config = {"automaticActivityDetection": {"disabled": True}}
    client = Client.ready("AUDIO", realtimeInputConfig=config, outputAudioTranscription={})
    client.understood.append("What is 6 * 7?")
    client.send({"realtimeInput": {"activityStart": {}}})
    return client


def heard(client: Client, *given: dict[str, Any]) -> bytes:
    """The sound that is understood when it comes in these messages."""
    for one in given:
        client.send({"realtimeInput": one})
    client.send({"realtimeInput": {"activityEnd": {}}})
    client.run()
    assert client.closed is None
    assert client.words() == "That is 42."
    [pcm] = client.transcribed
    return pcm


@pytest.mark.parametrize("written", ALPHABETS.values(), ids=ALPHABETS)
@pytest.mark.parametrize("field", ["audio", "mediaChunks"])
def test_sound_is_read_in(written: Callable[[bytes], str], field: str) -> None:
    blob = {"mimeType": "audio/pcm;rate=16000", "data": written(SOUND)}
    pcm = heard(manual(), {field: blob if field == "audio" else [blob]})
    assert SOUND in pcm


@pytest.mark.parametrize("written", ALPHABETS.values(), ids=ALPHABETS)
def test_a_picture_is_read_in(written: Callable[[bytes], str]) -> None:
    client = Client.ready("TEXT")
    image = {"mimeType": "image/jpeg", "data": written(jpeg(77, 33))}
    parts = [{"inlineData": image}, {"text": "What do you see?"}]
    client.send({"clientContent": {"turns": [{"parts": parts}], "turnComplete": True}})
    client.run()
    assert client.closed is None
    assert "77" in client.words()


MIME_TYPES = {
    "audio/pcm;rate=16000": 16_000,
    "audio/pcm; rate=16000": 16_000,
    "audio/pcm ;rate = 16000": 16_000,
    "AUDIO/PCM;RATE=16000": 16_000,
    "audio/pcm": 16_000,
    "": 16_000,
    "audio/pcm;channels=1;rate=16000": 16_000,
    "audio/pcm;rate=16000;channels=1": 16_000,
    "audio/pcm;rate=24000": 24_000,
    "audio/pcm;rate=8000": 8_000,
    "audio/pcm;rate=48000;channels=1": 48_000,
}


@pytest.mark.parametrize(("mime_type", "rate_hz"), MIME_TYPES.items(), ids=list(MIME_TYPES))
def test_sound_is_of_the_rate_that_its_mime_type_names(mime_type: str, rate_hz: int) -> None:
    blob = {"mimeType": mime_type, "data": b64(tone(1.0, 0.9, rate_hz))}
    pcm = heard(manual(), {"audio": blob})
    assert len(pcm) / 32_000 == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("mime_type", ["image/jpeg", "IMAGE/JPEG", " image/png", "image/webp"])
@pytest.mark.parametrize("field", ["video", "mediaChunks", "part"])
def test_a_picture_is_one_in_any_case(mime_type: str, field: str) -> None:
    client = Client.ready("TEXT")
    image = {"mimeType": mime_type, "data": b64(jpeg(77, 33))}
    if field == "part":
        client.send({"clientContent": {"turns": [{"parts": [{"inlineData": image}]}]}})
    else:
        client.send({"realtimeInput": {field: image if field == "video" else [image]}})
    assert "77" in client.answer("What do you see?")
    assert client.closed is None


TURN = {"role": "user", "parts": [{"text": "What is 6 * 7?"}]}
SHAPES: dict[str, list[dict[str, Any]]] = {
    "a turn": [{"clientContent": {"turns": [TURN], "turnComplete": True}}],
    "a turn without role": [
        {"clientContent": {"turns": [{"parts": TURN["parts"]}], "turnComplete": True}}
    ],
    "a turn alone": [{"clientContent": {"turns": TURN, "turnComplete": True}}],
    "a part alone": [
        {"clientContent": {"turns": [{"parts": {"text": "What is 6 * 7?"}}], "turnComplete": True}}
    ],
    "parts in pieces": [
        {
            "clientContent": {
                "turns": [{"role": "user", "parts": [{"text": "What is 6 "}, {"text": "* 7?"}]}],
                "turnComplete": True,
            }
        }
    ],
    "turnComplete with no turns": [
        {"clientContent": {"turns": [TURN]}},
        {"clientContent": {"turnComplete": True}},
    ],
    "turnComplete with empty turns": [
        {"clientContent": {"turns": [TURN], "turnComplete": False}},
        {"clientContent": {"turns": [], "turnComplete": True}},
    ],
    "turnComplete with null turns": [
        {"clientContent": {"turns": [TURN], "turnComplete": None}},
        {"clientContent": {"turns": None, "turnComplete": True}},
    ],
    "empty turns before it": [
        {"clientContent": {"turns": [{"role": "user"}, {"parts": []}, TURN], "turnComplete": True}}
    ],
    "an empty message before it": [
        {"clientContent": {}},
        {"realtimeInput": {}},
        {"realtimeInput": {"mediaChunks": None}},
        {"realtimeInput": {"text": "What is 6 * 7?"}},
    ],
    "blank text directly after the turn": [
        {"clientContent": {"turns": [TURN], "turnComplete": True}},
        {"realtimeInput": {"text": " "}},
    ],
    "blank text after a turn that is not complete": [
        {"clientContent": {"turns": [TURN]}},
        {"realtimeInput": {"text": " "}},
    ],
    "instructions as LiveKit gives them": [
        {
            "clientContent": {
                "turns": [
                    {"role": "model", "parts": [{"text": "What is 6 * 7?"}]},
                    {"role": "user", "parts": [{"text": "."}]},
                ],
                "turnComplete": True,
            }
        }
    ],
}


@pytest.mark.parametrize("messages", SHAPES.values(), ids=SHAPES)
def test_there_is_one_reply_to(messages: list[dict[str, Any]]) -> None:
    client = Client.ready("TEXT")
    for message in messages:
        client.send(message)
    client.run()
    assert client.kinds() == ["text", "generationComplete", "turnComplete+usage"]
    assert client.words() == "That is 42."


def test_a_model_turn_is_no_instruction_where_the_user_said_something() -> None:
    client = Client.ready("TEXT")
    turns = [
        {"role": "model", "parts": [{"text": "What is 6 * 7?"}]},
        {"role": "user", "parts": [{"text": "What is 2 * 4?"}]},
    ]
    client.send({"clientContent": {"turns": turns, "turnComplete": True}})
    client.run()
    assert client.words() == "That is 8."


def test_a_seed_that_pipecat_sends_is_answered_once_it_asks() -> None:
    client = Client.ready(
        "AUDIO",
        historyConfig={"initial_history_in_client_content": True},
        outputAudioTranscription={},
    )
    client.send({"client_content": {"turns": [TURN], "turnComplete": True}})
    client.run()
    assert client.received == []
    client.send({"realtime_input": {"text": " "}})
    client.run()
    assert client.words() == "That is 42."


def test_several_inputs_of_one_message_all_count() -> None:
    config = {"automaticActivityDetection": {"disabled": True}}
    client = Client.ready("AUDIO", realtimeInputConfig=config, outputAudioTranscription={})
    client.understood.append("What do you see?")
    audio = {"mimeType": "audio/pcm", "data": b64(SOUND)}
    image = {"mimeType": "image/jpeg", "data": b64(jpeg(77, 33))}
    given = {"activityEnd": {}, "video": image, "audio": audio, "activityStart": {}}
    client.send({"realtimeInput": given})
    client.run()
    assert SOUND in client.transcribed[0]
    assert "77" in client.words()


NUMBERS = {
    "numbers": (25_000, 40),
    "floats": (25_000.0, 40.0),
    "texts": ("25000", "40"),
}


@pytest.mark.parametrize(("tokens", "top_k"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_may_be_texts(tokens: Any, top_k: Any) -> None:
    compression = {"triggerTokens": tokens, "slidingWindow": {"targetTokens": top_k}}
    client = Client()
    config = {"responseModalities": ["AUDIO"], "topK": top_k, "maxOutputTokens": top_k}
    setup = {"model": AUDIO_MODEL, "generationConfig": config}
    client.send({"setup": setup | {"contextWindowCompression": compression}})
    assert client.closed is None
    assert client.kinds() == ["setupComplete"]


def test_null_is_not_set() -> None:
    client = Client()
    fields = dict.fromkeys(
        [
            *("generationConfig", "systemInstruction", "tools", "outputAudioTranscription"),
            *("sessionResumption", "realtimeInputConfig", "historyConfig", "proactivity"),
        ]
    )
    client.send({"setup": {"model": AUDIO_MODEL, **fields}})
    assert client.closed is None
    client.ask("What is 6 * 7?")
    client.run()
    assert client.kinds() == ["setupComplete", "audio", "generationComplete", "turnComplete+usage"]
