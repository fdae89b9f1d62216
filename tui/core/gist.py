"""A message in one line, for a row of the message list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

import orjson

from tui.core import media
from tui.core.text import safe
from tui.core.turn import Usage
from tui.core.wire import Fact

MAX_CHARS = 200
"""The length at which a fact's gist is cut."""

MAX_FACTS = 20
"""How many facts a message's gist tells; real messages say up to six things."""


def gist(facts: Iterable[Fact]) -> str:
    """What a message says, its first facts joined by ``·``; safe for a terminal, may be empty."""
    return _join(*map(fact_gist, islice(facts, MAX_FACTS)))


def fact_gist(fact: Fact) -> str:
    """What one fact says beyond its kind, at most `MAX_CHARS`; safe for a terminal."""
    text = _describe(fact)
    return safe(text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…")


def _describe(fact: Fact) -> str:
    kind, value = fact.kind, fact.value
    rows = value if isinstance(value, list) else [value]
    if kind in _OBJECTS and all(isinstance(row, dict) for row in rows):
        return _join(*map(_OBJECTS[kind], rows))
    if fact.path in fact.unknown:
        return f"{kind.rpartition('.')[2]}: {_json(value)}"
    if kind in _FLAGS:
        return _FLAGS[kind] if value is True else f"{_FLAGS[kind]}: {_json(value)}"
    if value == {}:
        return ""
    return _text(value) if kind in _ENUMS else _json(value)


def _media(default_rate_hz: int, blob: dict[str, Any]) -> str:
    """Size, and of PCM its duration and rate; a rate that is not named is marked ``?``."""
    size = f"{media.size_bytes(blob):,} B"
    if not media.is_pcm(blob):
        return _join(_text(blob, "mimeType"), size)
    duration = f"{media.audio_seconds(blob, default_rate_hz) * 1000:,.0f} ms"
    named_hz = media.pcm_rate_hz(blob["mimeType"], 0)
    rate = f"{(named_hz or default_rate_hz) / 1000:g} kHz"
    return _join(duration, size, rate if named_hz else rate + "?")


def _words(value: dict[str, Any]) -> str:
    text = _text(value, "text")
    return f'"{text}"' if text else ""


def _code(part: dict[str, Any]) -> str:
    return _text(part, "executableCode", "code")


def _code_result(part: dict[str, Any]) -> str:
    result = part.get("codeExecutionResult")
    return _join(_text(result, "outcome"), _text(result, "output"))


def _function_call(call: Any) -> str:
    args = _at(call, "args")
    if isinstance(args, dict):
        shown = ", ".join(f"{name}={_literal(value)}" for name, value in args.items())
    else:
        shown = _text(args)
    return f"{_text(call, 'name')}({shown})"


def _tool_call(value: dict[str, Any]) -> str:
    return _join(*map(_function_call, _rows(value, "functionCalls")))


def _tool_response(value: dict[str, Any]) -> str:
    return _join(*map(_function_response, _rows(value, "functionResponses")))


def _function_response(row: dict[str, Any]) -> str:
    answer = f"{_text(row, 'name')} → {_json(row.get('response', {}))}"
    return _join(answer, _text(row, "scheduling"))


def _cancellation(value: dict[str, Any]) -> str:
    return _list(value.get("ids"), ", ")


def _grounding(value: dict[str, Any]) -> str:
    queries = value.get("webSearchQueries")
    sources = len(_rows(value, "groundingChunks"))
    return _join(_json(queries) if queries else "", _count(sources, "source") if sources else "")


def _url_context(value: dict[str, Any]) -> str:
    return _join(*(_text(row, "retrievedUrl") for row in _rows(value, "urlMetadata")))


def _usage(value: dict[str, Any]) -> str:
    usage = Usage.read(value)
    thoughts = f" + {usage.thoughts:,} thoughts" if usage.thoughts else ""
    return f"{usage.prompt:,} in → {usage.response:,} out{thoughts} = {usage.total:,} tokens"


def _resumption(value: dict[str, Any]) -> str:
    handle = _text(value, "newHandle")
    brief = f"{handle[:4]}…{handle[-2:]}" if len(handle) > 8 else handle
    state = "resumable" if value.get("resumable") is True else "not resumable"
    return _join(state, f"handle {brief}" if brief else "")


def _go_away(value: dict[str, Any]) -> str:
    left = _text(value, "timeLeft")
    return f"{left} left" if left else ""


def _setup_complete(value: dict[str, Any]) -> str:
    session = _text(value, "sessionId")
    return f"session {session}" if session else ""


def _voice_activity(value: dict[str, Any]) -> str:
    return _join(_text(value, "type"), _text(value, "audioOffset"))


def _error(value: dict[str, Any]) -> str:
    return _join(*(_text(value, key) for key in ("code", "status", "message")))


def _setup(value: dict[str, Any]) -> str:
    modalities = _at(value, "generationConfig", "responseModalities")
    speech = ("generationConfig", "speechConfig")
    voice = _text(value, *speech, "voiceConfig", "prebuiltVoiceConfig", "voiceName")
    return _join(
        _text(value, "model").rpartition("/")[2],
        _list(modalities, "+"),
        f"voice {voice}" if voice else "",
        _tools(value) if value.get("tools") else "",
        "resumes a session" if _text(value, "sessionResumption", "handle") else "",
    )


def _context_update(value: dict[str, Any]) -> str:
    tools = value.get("tools")
    return _join(
        "system instruction" if value.get("systemInstruction") else "",
        _tools(tools) if isinstance(tools, dict) else "",
    )


def _tools(value: dict[str, Any]) -> str:
    """How many tools: each function and MCP server counts, each built-in tool once."""
    tools = (tool for row in _rows(value, "tools") for tool in row.values())
    return _count(sum(len(tool) if isinstance(tool, list) else 1 for tool in tools), "tool")


def _client_content(value: dict[str, Any]) -> str:
    turns = _rows(value, "turns")
    texts = (_text(part, "text") for turn in turns[-1:] for part in _rows(turn, "parts"))
    return _join(
        _count(len(turns), "turn") if len(turns) > 1 else "",
        _words({"text": "".join(texts)}),
        "" if value.get("turnComplete") is True else "turn not complete",
    )


def _join(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _at(value: Any, *keys: str) -> Any:
    """What stands at a path of keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any, *keys: str) -> str:
    """What stands at a path as text: empty for nothing, JSON for what is no string."""
    found = _at(value, *keys)
    if found is None:
        return ""
    return found if isinstance(found, str) else _json(found)


def _list(value: Any, separator: str) -> str:
    """The elements of an array as text."""
    return separator.join(map(_text, value)) if isinstance(value, list) else _text(value)


def _rows(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects of the array at a key."""
    found = _at(value, key)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # orjson writes 254 levels but reads 1,024
        return "nested too deep to show in a line"


_FLAGS = {
    "serverContent.generationComplete": "generation complete",
    "serverContent.turnComplete": "turn complete",
    "serverContent.interrupted": "interrupted",
    "serverContent.waitingForInput": "waiting for input",
    "realtimeInput.audioStreamEnd": "audio stream end",
}

_ENUMS = {"serverContent.turnCompleteReason", "serverContent.interactionStatus"}

_FROM_MODEL = partial(_media, media.OUTPUT_RATE_HZ)
_TO_MODEL = partial(_media, media.INPUT_RATE_HZ)

_OBJECTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "serverContent.modelTurn.audio": _FROM_MODEL,
    "serverContent.modelTurn.image": _FROM_MODEL,
    "serverContent.modelTurn.video": _FROM_MODEL,
    "serverContent.modelTurn.text": _words,
    "serverContent.modelTurn.thought": _words,
    "serverContent.modelTurn.executableCode": _code,
    "serverContent.modelTurn.codeExecutionResult": _code_result,
    "serverContent.modelTurn.functionCall": lambda part: _function_call(part.get("functionCall")),
    "serverContent.inputTranscription": _words,
    "serverContent.interimInputTranscription": _words,
    "serverContent.outputTranscription": _words,
    "serverContent.groundingMetadata": _grounding,
    "serverContent.urlContextMetadata": _url_context,
    "setupComplete": _setup_complete,
    "toolCall": _tool_call,
    "toolCallCancellation": _cancellation,
    "goAway": _go_away,
    "voiceActivity": _voice_activity,
    "voiceActivityDetectionSignal": lambda value: _text(value, "vadSignalType"),
    "error": _error,
    "invalid": lambda value: _text(value, "reason"),
    "usageMetadata": _usage,
    "sessionResumptionUpdate": _resumption,
    "setup": _setup,
    "clientContent": _client_content,
    "contextUpdate": _context_update,
    "toolResponse": _tool_response,
    "realtimeInput.audio": _TO_MODEL,
    "realtimeInput.video": _TO_MODEL,
    "realtimeInput.mediaChunks": _TO_MODEL,
}
