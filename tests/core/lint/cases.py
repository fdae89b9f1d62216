"""For each rule a session that it fires on, and one close by that it does not fire on."""

from __future__ import annotations

from typing import Any

from tests.core.lint.wire import (
    Step,
    answered,
    asked,
    blob,
    called,
    closed,
    complete,
    content,
    event,
    got,
    mic,
    mics,
    opened,
    raw,
    responded,
    said,
    sent,
    voice,
)

TRANSLATE = "gemini-3.5-live-translate-preview"
FLASH, V31, V25 = (
    "gemini-2.0-flash-live-001",
    "gemini-3.1-flash-live-preview",
    "gemini-2.5-flash-native-audio-latest",
)
OPEN = opened()
TEXT = opened("gemini-2.0-flash-exp", origin="emulator", modalities=["TEXT"])
PUSH = opened(realtimeInputConfig={"automaticActivityDetection": {"disabled": True}})
RESUMING: dict[str, Any] = {"sessionResumption": {}}
DECLARED = {"functionDeclarations": [{"name": "weather"}]}
TOOLS = opened(tools=[DECLARED])
JPEG = {"mimeType": "image/jpeg", "data": "/9j/"}
SNAKE = "models/gemini-3.8-live"


def resumed(at_s: float, handle: str) -> list[Step]:
    return opened(at_s=at_s, sessionResumption={"handle": handle})


def handle(at_s: float, name: str, resumable: bool = True) -> Step:
    update: dict[str, Any] = {"resumable": resumable}
    return got(at_s, sessionResumptionUpdate=update | ({"newHandle": name} if name else {}))


def usage(prompt: int, response: int = 5, **more: Any) -> dict[str, Any]:
    return {"promptTokenCount": prompt, "responseTokenCount": response, **more}


def activity(at_s: float, edge: str) -> Step:
    return got(at_s, voiceActivity={"type": f"ACTIVITY_{edge}", "audioOffset": "1s"})


def signal(at_s: float, name: str) -> Step:
    return sent(at_s, realtimeInput={name: {}})


def setup_only(**setup: Any) -> list[Step]:
    return [sent(0.1, setup={"model": SNAKE, **setup})]


def pictures(start_s: float, count: int, period_s: float) -> list[Step]:
    return [
        sent(start_s + number * period_s, realtimeInput={"video": JPEG}) for number in range(count)
    ]


def words(at_s: float, language: str) -> Step:
    return content(at_s, inputTranscription={"text": "word ", "languageCode": language})


def stop(at_s: float) -> Step:
    return sent(at_s, clientContent={"turnComplete": False})


def interruption(at_s: float) -> list[Step]:
    """An answer that is interrupted."""
    return [asked(at_s), voice(at_s + 1), voice(at_s + 1.1), stop(at_s + 2), *cut(at_s + 2.1)]


def cut(at_s: float) -> list[Step]:
    return [content(at_s, interrupted=True), content(at_s + 0.1, turnComplete=True)]


def by(who: str) -> Step:
    return event(9.0, "interrupted", turn=1, by=who, heard=0.8, sent=0.4, speech=False)


SPOKEN = [*OPEN, *mics(1.0, 8.0), voice(2.0), voice(2.1), *cut(8.5)]

CASES: dict[str, tuple[list[Step], list[Step]]] = {
    # ---- connection
    "close": (
        [*OPEN, closed(5, 1007, "Request contains an invalid argument.", "server")],
        [*OPEN, closed(5, 1000)],
    ),
    "connection-failed": (
        [event(0, "connection.opening"), closed(1, None, "unreachable", "network")],
        [event(0, "connection.opening"), closed(1, None, "given up", "client")],
    ),
    "close-unasked": (
        [*OPEN, closed(5, 1000, "", "server")],
        [*OPEN, closed(5, 1000, "", "client")],
    ),
    "closed-after-turn": (
        [*OPEN, *mics(1, 3), *answered(3), closed(4, 1000)],
        [*OPEN, *mics(1, 3), *answered(3), *answered(5), closed(6, 1000)],
    ),
    "go-away": ([*OPEN, got(5, goAway={"timeLeft": "50s"})], [*OPEN, *answered(5)]),
    "go-away-ignored": (
        [*OPEN, got(5, goAway={"timeLeft": "50s"}), mic(56)],
        [*OPEN, got(5, goAway={"timeLeft": "50s"}), mic(54), closed(54.5)],
    ),
    "resumption-unasked": (
        [*OPEN, got(5, goAway={"timeLeft": "50s"})],
        [*opened(sessionResumption={}), got(5, goAway={"timeLeft": "50s"})],
    ),
    "handle-stale": (
        [*opened(**RESUMING), handle(1, "h1"), handle(9, "h2"), closed(10), *resumed(11, "h1")],
        [*opened(**RESUMING), handle(1, "h1"), handle(9, "h2"), closed(10), *resumed(11, "h2")],
    ),
    "handle-expired": (
        [*opened(**RESUMING), handle(1, "h1"), closed(10), *resumed(7300, "h1")],
        [*opened(**RESUMING), handle(1, "h1"), closed(10), *resumed(7100, "h1")],
    ),
    "handle-not-resumable": (
        [*opened(**RESUMING), handle(1, "h"), handle(2, "", False), closed(3), *resumed(4, "h")],
        [*opened(**RESUMING), handle(1, "h"), closed(3), *resumed(4, "h")],
    ),
    "context-lost": (
        [
            *[*opened(**RESUMING), handle(1, "h"), asked(2), *answered(3)],
            *[got(5, usageMetadata=usage(5000)), closed(6), *resumed(7, "h"), asked(8)],
            *[*answered(9), got(10, usageMetadata=usage(600))],
        ],
        [
            *[*opened(**RESUMING), handle(1, "h"), asked(2), *answered(3)],
            *[got(5, usageMetadata=usage(5000)), closed(6), *resumed(7, "h"), asked(8)],
            *[*answered(9), got(10, usageMetadata=usage(5100))],
        ],
    ),
    "pong-late": (
        [*OPEN, event(9, "ping", rtt_ms=8000.0)],
        [*OPEN, event(9, "ping", rtt_ms=180.0)],
    ),
    "sdk-failed": ([*OPEN, event(9, "sdk.error", message="The SDK failed.")], OPEN),
    # ---- setup
    "modality-refused": (opened(modalities=["TEXT"]), TEXT),
    "modalities-many": (opened(modalities=["AUDIO", "TEXT"]), opened(modalities=["AUDIO"])),
    "model-retired": (opened(FLASH), opened(FLASH, origin="emulator")),
    "thinking-refused": (
        opened(config={"thinkingConfig": {"includeThoughts": True}}),
        opened(V25, config={"thinkingConfig": {"thinkingBudget": 0}}),
    ),
    "affective-refused": (
        opened(config={"enableAffectiveDialog": True}),
        opened(V25, config={"enableAffectiveDialog": True}),
    ),
    "proactivity-refused": (
        opened(proactivity={"proactiveAudio": False}),
        opened(proactivity={"proactiveAudio": True}),
    ),
    "tool-kind-refused": (
        opened(tools=[{"codeExecution": {}}]),
        opened(tools=[{"googleSearch": {}}]),
    ),
    "tool-async-refused": (
        opened(V31, tools=[{"functionDeclarations": [{"name": "f", "behavior": "NON_BLOCKING"}]}]),
        opened(tools=[{"functionDeclarations": [{"name": "f", "behavior": "NON_BLOCKING"}]}]),
    ),
    "config-refused": (
        opened(config={"stopSequences": ["x"]}),
        opened(config={"temperature": 0.5}),
    ),
    "instruction-refused": (
        opened(TRANSLATE, systemInstruction={"parts": [{"text": "Be terse."}]}),
        opened(systemInstruction={"parts": [{"text": "Be terse."}]}),
    ),
    "translation-refused": (
        opened(config={"translationConfig": {"targetLanguageCode": "de"}}),
        opened(TRANSLATE, config={"translationConfig": {"targetLanguageCode": "de"}}),
    ),
    "voice-unknown": (
        opened(
            config={"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "puck"}}}}
        ),
        opened(
            config={"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}}}}
        ),
    ),
    "handle-null": (opened(sessionResumption={"handle": None}), opened(sessionResumption={})),
    "silence-ignored": (
        opened(V31, realtimeInputConfig={"automaticActivityDetection": {"silenceDurationMs": 500}}),
        opened(realtimeInputConfig={"automaticActivityDetection": {"silenceDurationMs": 500}}),
    ),
    "model-unlisted": (opened("gemini-99-live"), OPEN),
    # ---- sequence
    "setup-not-first": ([OPEN[0], mic(0.05), *OPEN[1:]], OPEN),
    "setup-twice": ([*OPEN, *setup_only()], [*OPEN, closed(1), *opened(at_s=2)]),
    "early-message": ([*OPEN[:2], mic(0.2), OPEN[2]], [*OPEN, mic(0.4)]),
    "first-answer": ([*OPEN[:2], voice(0.2), OPEN[2]], [*OPEN, voice(0.4)]),
    "setup-slow": ([*OPEN[:2], got(6, setupComplete={})], OPEN),
    "content-midsession": (
        [*opened(V31), mic(1), *answered(2), asked(4)],
        [*OPEN, mic(1), *answered(2), asked(4)],
    ),
    "content-unannounced": (
        [*opened(V31), asked(1)],
        [*opened(V31, historyConfig={"initialHistoryInClientContent": True}), asked(1)],
    ),
    "content-refused": (
        [*opened("gemini-3.5-live-translate-preview"), asked(1)],
        [*opened("gemini-3.5-live-translate-preview"), mic(1)],
    ),
    "content-role": (
        [*OPEN, sent(1, clientContent={"turns": [{"role": "system", "parts": [{"text": "x"}]}]})],
        [*OPEN, sent(1, clientContent={"turns": [{"role": "model", "parts": [{"text": "x"}]}]})],
    ),
    "activity-with-detection": (
        [*OPEN, signal(1, "activityStart")],
        [*PUSH, signal(1, "activityStart")],
    ),
    "stream-end-with-signals": (
        [*PUSH, sent(1, realtimeInput={"audioStreamEnd": True})],
        [*OPEN, sent(1, realtimeInput={"audioStreamEnd": True})],
    ),
    "content-while-speaking": (
        [*OPEN, *mics(1, 2, level=4000), asked(2)],
        [*OPEN, *mics(1, 2, level=40), asked(2)],
    ),
    # ---- media
    "media-chunks-refused": (
        [*opened(V31), sent(1, realtimeInput={"mediaChunks": [JPEG]})],
        [*opened(V31), sent(1, realtimeInput={"video": JPEG})],
    ),
    "media-chunks": (
        [*OPEN, sent(1, realtimeInput={"mediaChunks": [JPEG]})],
        [*OPEN, sent(1, realtimeInput={"video": JPEG})],
    ),
    "base64-broken": (
        [
            *OPEN,
            sent(1, realtimeInput={"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAAAA"}}),
        ],
        [
            *OPEN,
            sent(1, realtimeInput={"audio": {"mimeType": "audio/pcm;rate=16000", "data": "_-8"}}),
        ],
    ),
    "pcm-odd": (
        [*OPEN, sent(1, realtimeInput={"audio": blob(b"\1" * 641, "audio/pcm;rate=16000")})],
        [*OPEN, sent(1, realtimeInput={"audio": blob(b"\1" * 640, "audio/pcm;rate=16000")})],
    ),
    "rate-mismatch": (
        [*OPEN, *mics(1, 12, 0.1, seconds=0.15)],
        [*OPEN, *mics(1, 12, 0.1, seconds=0.1)],
    ),
    "rate-missing": ([*OPEN, mic(1, mime_type="audio/pcm")], [*OPEN, mic(1)]),
    "rate-wrong": (
        [*OPEN, mic(1, mime_type="audio/pcm;rate=1000000")],
        [*OPEN, mic(1, mime_type="audio/pcm;rate=48000")],
    ),
    "audio-silent": (
        [*OPEN, asked(1), *(voice(2 + n / 20, level=9) for n in range(5)), *complete(3)],
        [*OPEN, asked(1), *(voice(2 + n / 20, level=200) for n in range(5)), *complete(3)],
    ),
    "video-fast": ([*OPEN, *pictures(1, 8, 0.5)], [*OPEN, *pictures(1, 8, 1.0)]),
    "frame-large": (
        [*OPEN, raw(1, "receive", b'{"serverContent":{}}' + b" " * (1 << 20))],
        [*OPEN, raw(1, "receive", b'{"serverContent":{}}' + b" " * (1 << 19))],
    ),
    "microphone-dropped": (
        [*OPEN, event(5, "microphone.dropped", blocks=40)],
        [*OPEN, event(5, "microphone.muted", muted=True)],
    ),
    "audio-after-interrupted": (
        [
            *OPEN,
            asked(1),
            voice(2),
            stop(3),
            content(3.1, interrupted=True),
            voice(3.2),
            *complete(3.3),
        ],
        [*OPEN, *interruption(1), voice(4), *complete(4.5)],
    ),
    "audio-late": (
        [*OPEN, asked(1), voice(2), voice(3), *complete(3.5)],
        [*OPEN, asked(1), voice(2), voice(2.3), *complete(3.5)],
    ),
    "microphone-silent": ([*OPEN, *mics(1, 12, level=0)], [*OPEN, *mics(1, 12, level=1)]),
    "voice-activity-absent": (
        [*OPEN, *mics(1, 25), closed(26)],
        [*OPEN, *mics(1, 25), activity(2, "START"), activity(3, "END"), *answered(4), closed(26)],
    ),
    "chunk-long": ([*OPEN, mic(1, 3.0)], [*OPEN, mic(1, 0.5)]),
    # ---- turns
    "no-answer": ([*OPEN, asked(1), mic(12)], [*OPEN, asked(1), mic(9), *answered(9.5)]),
    "stall": (
        [*OPEN, asked(1), voice(2), mic(12)],
        [*OPEN, asked(1), voice(2), mic(8), *complete(9)],
    ),
    "turn-frozen": (
        [*OPEN, asked(1), voice(2), asked(3), content(3.1, interrupted=True), mic(12)],
        [*OPEN, *interruption(1), mic(5)],
    ),
    "turn-rejected": (
        [*OPEN, asked(1), content(2, turnComplete=True, turnCompleteReason="RESPONSE_REJECTED")],
        [*OPEN, asked(1), *answered(2)],
    ),
    "turn-empty": (
        [*OPEN, asked(1), *complete(2)],
        [*OPEN, asked(1), *complete(2, usageMetadata=usage(500, 31))],
    ),
    "turn-unrecorded": (
        [*OPEN, asked(1), *complete(2, usageMetadata=usage(500, 31))],
        [*OPEN, asked(1), *answered(2)],
    ),
    "turn-silent": (
        [*OPEN, asked(1), content(2, outputTranscription={"text": "Yes."}), *complete(2.5)],
        [
            *OPEN,
            asked(1),
            voice(2),
            content(2, outputTranscription={"text": "Yes."}),
            *complete(2.5),
        ],
    ),
    "turn-incomplete": (
        [*OPEN, asked(1), voice(2), closed(3, 1011, "Internal error encountered.", "server")],
        [*OPEN, asked(1), *answered(2), closed(3, 1011, "Internal error encountered.", "server")],
    ),
    "interruption-phantom": (
        [*OPEN, asked(1), voice(2), content(8, interrupted=True), *complete(8.1)],
        [*OPEN, *interruption(1)],
    ),
    "interruption-own": ([*SPOKEN, by("speaker")], [*SPOKEN, by("person")]),
    "interruption-unheard": ([*SPOKEN, by("unknown")], [*SPOKEN, by("client")]),
    "turn-cut": (
        [*TEXT, asked(1), said(2, "I was about to"), *complete(3, generated=False)],
        [*TEXT, asked(1), said(2, "I was about to"), *complete(3)],
    ),
    "turn-overdue": (
        [*OPEN, asked(1), voice(2), content(2.1, generationComplete=True), mic(12)],
        [*OPEN, asked(1), voice(2), content(2.1, generationComplete=True), mic(9)],
    ),
    "speech-unanswered": (
        [*OPEN, *mics(1, 3), activity(2, "START"), activity(3, "END"), mic(14)],
        [*OPEN, *mics(1, 3), activity(2, "START"), activity(3, "END"), *answered(4), mic(16)],
    ),
    "stop-unconfirmed": (
        [*OPEN, asked(1), voice(2), stop(3), mic(6)],
        [
            *OPEN,
            asked(1),
            voice(2),
            stop(3),
            *cut(3.2),
            mic(6),
        ],
    ),
    "text-unspoken": (
        [*OPEN, asked(1), said(2, "I think of it."), voice(2.1), *complete(3)],
        [*OPEN, asked(1), *answered(2)],
    ),
    "turn-complete-late": (
        [*OPEN, asked(1), voice(2), asked(3), *cut(3.1)],
        [*OPEN, asked(1), voice(2), stop(3), *cut(3.1)],
    ),
    "language-changed": (
        [*OPEN, *(words(1 + n, code) for n, code in enumerate(["en-US", "en-US", "hi-IN"]))],
        [*OPEN, *(words(1 + n, code) for n, code in enumerate(["en-US", "en-US", "en-US"]))],
    ),
    "fields-bundled": (
        [*OPEN, asked(1), voice(2, turnComplete=True)],
        [*OPEN, asked(1), *answered(2)],
    ),
    "interaction-goes-on": (
        [*OPEN, content(2, turnComplete=True, interactionStatus="IN_PROGRESS")],
        [*OPEN, content(2, turnComplete=True, interactionStatus="IDLE")],
    ),
    "waiting-for-input": (
        [*OPEN, content(2, waitingForInput=True)],
        [*OPEN, content(2, waitingForInput=False)],
    ),
    # ---- tools
    "tool-response-unknown": (
        [*TOOLS, asked(1), called(2), responded(3, id="other")],
        [*TOOLS, asked(1), called(2), responded(3)],
    ),
    "tool-response-without-id": (
        [*TOOLS, asked(1), called(2), responded(3, id=None)],
        [*opened(path="projects/p/m/gemini-3.8-live"), called(2), responded(3, id=None)],
    ),
    "tool-unanswered": (
        [*TOOLS, asked(1), called(2), closed(5)],
        [*TOOLS, asked(1), called(2), got(3, toolCallCancellation={"ids": ["c1"]}), closed(5)],
    ),
    "tool-late": (
        [*TOOLS, asked(1), called(2), responded(14)],
        [*TOOLS, asked(1), called(2), responded(9)],
    ),
    "tool-response-unnamed": (
        [*TOOLS, asked(1), called(2), responded(3, name=None)],
        [*TOOLS, asked(1), called(2), responded(3)],
    ),
    "tool-response-twice": (
        [*TOOLS, asked(1), called(2), responded(3), responded(4)],
        [*TOOLS, asked(1), called(2), responded(3, willContinue=True), responded(4)],
    ),
    "tool-response-cancelled": (
        [*TOOLS, called(2), got(3, toolCallCancellation={"ids": ["c1"]}), responded(4)],
        [*TOOLS, called(2), responded(3), got(4, toolCallCancellation={"ids": ["c1"]})],
    ),
    "tool-undeclared": ([*TOOLS, called(2, "wether")], [*TOOLS, called(2, "weather")]),
    # ---- tokens
    "context-nearly-full": (
        [*OPEN, got(2, usageMetadata=usage(110_000))],
        [*OPEN, got(2, usageMetadata=usage(90_000))],
    ),
    "context-compressed": (
        [*opened(contextWindowCompression={}), got(2, usageMetadata=usage(110_000))],
        [*opened(contextWindowCompression={}), got(2, usageMetadata=usage(90_000))],
    ),
    "usage-snapshots": (
        [
            *OPEN,
            asked(1),
            voice(2),
            got(2.1, usageMetadata=usage(500)),
            *complete(3, usageMetadata=usage(500)),
        ],
        [*OPEN, asked(1), voice(2), *complete(3, usageMetadata=usage(500))],
    ),
    "usage-dialect": (
        [*OPEN, got(2, usageMetadata={"candidatesTokenCount": 5})],
        [
            *opened(path="projects/p/m/gemini-3.8-live"),
            got(2, usageMetadata={"candidatesTokenCount": 5}),
        ],
    ),
    # ---- wire
    "undecodable": ([*OPEN, raw(1, "receive", b"\xff\x00")], [*OPEN, raw(1, "receive", b"")]),
    "undecodable-sent": ([*OPEN, raw(1, "send", b"[]")], [*OPEN, raw(1, "send", b"{}")]),
    "field-unknown-sent": (
        [*OPEN, sent(1, realtimeInput={"audioo": {}})],
        [*OPEN, sent(1, realtime_input={"audio_stream_end": True})],
    ),
    "error-object": (
        [*OPEN, got(1, error={"code": 429, "message": "slow down"})],
        [*OPEN, got(1, serverContent={})],
    ),
    "message-unknown": ([*OPEN, got(1, novelty={})], [*OPEN, got(1, novelty={}, serverContent={})]),
    "field-unknown": (
        [*OPEN, content(1, novelty=1)],
        [*OPEN, content(1, waitingForInput=False)],
    ),
}
