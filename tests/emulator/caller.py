"""A client that declares functions and answers their calls."""

from __future__ import annotations

from typing import Any

from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Client, Message

GEMINI_31, GEMINI_25 = (
    "models/gemini-3.1-flash-live-preview",
    "models/gemini-2.5-flash-native-audio-latest",
)
EXTENDED = "models/gemini-3.8-live-extended-thinking"
WEATHER: Message = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING"}},
        "required": ["city"],
    },
}
LIGHTS: Message = {"name": "turn_on_the_lights"}
ASKED = "What is the weather in Paris?"
TWICE = "What is the weather in Paris and in London?"
TURN_END = "turnComplete+usage"


def client_of(model: str = AUDIO_MODEL, *, vertex: bool = False, **more: Any) -> Client:
    """A session of the model with two functions, NON_BLOCKING or BLOCKING as ``behavior`` says."""
    behavior = more.pop("behavior", None)
    functions = [one | ({"behavior": behavior} if behavior else {}) for one in (WEATHER, LIGHTS)]
    client = Client(vertex=vertex)
    name = f"publishers/google/{model}" if vertex else model
    setup: Message = {"model": name, "tools": [{"functionDeclarations": functions}], **more}
    if model == TEXT_MODEL:
        setup["generationConfig"] = {"responseModalities": ["TEXT"]}
    else:
        setup["outputAudioTranscription"] = {}
    client.send({"setup": setup})
    assert client.closed is None
    client.forget()
    return client


def say(client: Client, text: str) -> None:
    """By the message that every model takes."""
    client.send({"realtimeInput": {"text": text}})


def calls(client: Client) -> list[Message]:
    return [
        call
        for message in client.messages
        for call in message.get("toolCall", {}).get("functionCalls", [])
    ]


def respond(client: Client, call: Message, response: Message | None = None, **more: Any) -> None:
    answer = {"id": call["id"], "name": call["name"], "response": response or {}, **more}
    client.send({"toolResponse": {"functionResponses": [answer]}})


def asked(client: Client, text: str = ASKED) -> Message:
    """The call that was made for the question, all that follows being played."""
    say(client, text)
    client.run()
    call = calls(client)[-1]
    client.forget()
    return call


def stretches(client: Client) -> list[str]:
    """What was received, words and sound being one."""
    kinds = [
        "answer" if k in ("outputTranscription", "audio", "text") else k for k in client.kinds()
    ]
    return [kind for index, kind in enumerate(kinds) if kinds[index - 1 : index] != [kind]]
