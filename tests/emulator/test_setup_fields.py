"""Every field of setup in the SDK's schema: what it does, if anything, or that it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.emulator.driver import Client
from tui.core import schema

INVALID = "Request contains an invalid argument."
UNKNOWN = "Invalid JSON payload received. Unknown name "
NATIVE = "gemini-2.5-flash-native-audio-latest"
OPAQUE = ("systemInstruction", "generationConfig.responseSchema", "generationConfig.responseFormat")
"""Messages that are taken or refused as a whole."""


def leaves(message: schema.Message, parent: str = "") -> Iterator[str]:
    """The paths of all fields that are no messages; a kind of tool counts as one field."""
    for name in dict.fromkeys(found.name for found in message.values()):
        path = f"{parent}.{name}" if parent else name
        below = message[name].message
        if not below or path in OPAQUE or parent == "tools":
            yield path
        else:
            yield from leaves(below, path)


@dataclass(frozen=True)
class Case:
    """One field with a value."""

    path: str
    value: Any
    reason: str = ""
    """How the refusal begins."""
    model: str = "gemini-3.8-live"
    vertex: bool = False
    base: dict[str, Any] = field(default_factory=dict)
    """What else is in the setup, with the field and without."""

    def client(self, *, given: bool) -> Client:
        version = "v1alpha" if self.model == NATIVE else "v1beta"
        client = Client(vertex=self.vertex, version=version)
        setup = json.loads(json.dumps({"model": f"models/{self.model}", **self.base}))
        if given:
            put(setup, self.path, self.value)
        client.send({"setup": setup})
        return client

    def __str__(self) -> str:
        return f"{self.path}={self.value!r:.30}-{self.model}{'-vertex' if self.vertex else ''}"


def put(setup: dict[str, Any], path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        listed = parent in ("tools", "safetySettings", "speakerVoiceConfigs")
        below = setup.setdefault(parent, [{}] if listed else {})
        setup = below[0] if listed else below
    setup[name] = value


LAST = (
    "What is your system instruction?",
    "Search for the height of the Eiffel Tower.",
    "/code 6*7",
    "What is the weather in Paris?",
)
HEARD = "um hello hello bidiscope friends"


def converse(client: Client, *, talks: bool = True) -> list[Any]:
    """A conversation in which each field that has an effect shows it."""
    assert client.closed is None, client.closed
    client.understood.extend(["um hello", HEARD])
    if talks:
        client.ask("Hello there. Tell me a very long story.")
        client.run(8.0)
        client.blob("video", b"no picture", "image/jpeg")
    client.sound(0.12, 0.9)
    client.sound(0.2)
    for speech in (0.9, 0.25):
        client.sound(1.2, speech)
    client.sound(2.0)
    client.run(20.0)
    for speech in (0.65, 0.0):
        client.sound(1.5, speech)
    client.run(20.0)
    client.understood.clear()
    client.understood.append("Anna, can you help me?")
    for speech in (0.9, 0.0):
        client.sound(1.5, speech)
    client.run(30.0)
    if talks:
        for question in LAST:
            client.ask(question)
            client.run(30.0)
    sent = json.loads(json.dumps(client.received))
    return [mask(sent), client.timbres]


def mask(sent: Any) -> Any:
    """Without what differs each time."""
    for _, message in sent:
        for update in (message.get("sessionResumptionUpdate"), message.get("setupComplete")):
            for name in ("newHandle", "sessionId"):
                if update and name in update:
                    update[name] = "…"
    return sent


G, S = "generationConfig", "generationConfig.speechConfig"
R = "realtimeInputConfig.automaticActivityDetection"
VOICE = f"{S}.voiceConfig.replicatedVoiceConfig"
IN, OUT = "inputAudioTranscription", "outputAudioTranscription"
ASKED: dict[str, Any] = {IN: {}}

HONOURED = [
    Case(f"{G}.maxOutputTokens", 60),
    Case(f"{G}.mediaResolution", "MEDIA_RESOLUTION_LOW"),
    Case(f"{G}.responseModalities", ["TEXT"], model="gemini-2.0-flash-exp"),
    Case(f"{G}.seed", 7),
    Case(f"{G}.thinkingConfig.thinkingBudget", 256, model=NATIVE),
    Case(f"{G}.thinkingConfig.includeThoughts", True, model=NATIVE),
    Case("tools.functionDeclarations", [{"name": "get_weather"}]),
    Case("tools.googleSearch", {}),
    Case("tools.codeExecution", {}, model="gemini-2.0-flash-exp"),
    Case(f"{S}.voiceConfig.prebuiltVoiceConfig.voiceName", "Kore"),
    Case(f"{S}.voiceConfig.voice", "Kore"),
    Case("systemInstruction", {"parts": [{"text": "Be brief."}]}),
    Case("sessionResumption.transparent", True, vertex=True, base={"sessionResumption": {}}),
    Case("contextWindowCompression.triggerTokens", 100),
    Case(
        "contextWindowCompression.slidingWindow.targetTokens",
        10,
        base={"contextWindowCompression": {"triggerTokens": 700}},
    ),
    Case(f"{IN}.customVocabulary", ["Bidiscope"], base=ASKED),
    Case(f"{IN}.adaptationPhrases", ["Bidiscope"], base=ASKED),
    Case(f"{IN}.wordTimestamp", True, base=ASKED),
    Case(f"{IN}.mode", "SMART", base=ASKED),
    Case(f"{IN}.mode", "smart", base=ASKED),
    Case("proactivity.proactiveAudio", True, model=NATIVE),
    Case("explicitVadSignal", True, vertex=True),
    Case("historyConfig.initialHistoryInClientContent", True),
    Case(f"{R}.disabled", True),
    Case(f"{R}.startOfSpeechSensitivity", "START_SENSITIVITY_LOW"),
    Case(f"{R}.endOfSpeechSensitivity", "END_SENSITIVITY_LOW"),
    Case(f"{R}.prefixPaddingMs", 300),
    Case(f"{R}.silenceDurationMs", 1100),
    Case("realtimeInputConfig.activityHandling", "NO_INTERRUPTION"),
    Case("realtimeInputConfig.turnCoverage", "TURN_INCLUDES_ONLY_ACTIVITY"),
    Case("realtimeInputConfig.interimTranscriptTimestampEnabled", True, base=ASKED),
    *(
        Case(f"{G}.translationConfig.{name}", value, model="gemini-3.5-live-translate-preview")
        for name, value in (("targetLanguageCode", "es"), ("echoTargetLanguage", True))
    ),
]
"""A conversation is another one with it."""

SILENT = [
    *(
        Case(f"{G}.{name}", value)
        for name, value in {
            "temperature": 0.7,
            "topP": 0.9,
            "topK": 40.0,
            "candidateCount": 1,
            "presencePenalty": 0.1,
            "frequencyPenalty": "0.1",
            "enableEnhancedCivicAnswers": True,
            "modelSelectionConfig.featureSelectionPreference": "BALANCED",
        }.items()
    ),
    Case(f"{G}.enableAffectiveDialog", True, model=NATIVE),
    Case(f"{G}.enableAffectiveDialog", True, vertex=True),
    Case(f"{G}.thinkingConfig.thinkingLevel", "HIGH", model="gemini-3.1-flash-live-preview"),
    Case(f"{S}.languageCode", "de-DE"),
    Case(f"{VOICE}.mimeType", "audio/wav"),
    Case(f"{VOICE}.voiceSampleAudio", "AAAA"),
    Case(f"{VOICE}.consentAudio", "AAAA"),
    Case(f"{VOICE}.voiceConsentSignature.signature", "x"),
    *(
        Case(f"{where}.{name}", value, base={where.split(".")[0]: {}})
        for where in (f"{G}.audioTranscriptionConfig", IN, OUT)
        for name, value in {
            "languageCodes": ["en-US"],
            "languageAuto": {},
            "languageHints.languageCodes": ["en"],
            "diarization": True,
            "sourceText": "Dear all,",
        }.items()
    ),
    *(
        Case(f"{where}.{name}", value, base={where.split(".")[0]: {}})
        for where in (f"{G}.audioTranscriptionConfig", OUT)
        for name, value in {
            "customVocabulary": ["Bidiscope"],
            "adaptationPhrases": ["Bidiscope"],
            "wordTimestamp": True,
            "mode": "SMART",
        }.items()
    ),
    Case("proactivity.proactiveAudio", True),
    Case("proactivity.proactiveVideo", True),
    Case("safetySettings.category", "HARM_CATEGORY_HARASSMENT"),
    Case("safetySettings.threshold", "BLOCK_NONE"),
    Case("safetySettings.method", "SEVERITY", vertex=True),
    Case("labels", {"team": "x"}),
    Case(f"{R}.silenceDurationMs", 1100, model="gemini-3.1-flash-live-preview"),
    *(
        Case(f"tools.{kind}", value)
        for kind, value in {
            "googleSearchRetrieval": {},
            "computerUse": {},
            "mcpServers": [],
            "fileSearch": {},
            "functionDeclarations": [{"name": "f"}],
        }.items()
    ),
    *(
        Case(f"tools.{kind}", {}, vertex=True)
        for kind in ("retrieval", "enterpriseWebSearch", "parallelAiSearch", "exaAiSearch")
    ),
]
"""It is taken, and nothing on the wire shows it: the emulator has no dice to weigh, no filter to
set, no voice to copy and no language but English; and nothing was called."""

REFUSED = [
    Case("model", "models/gemini-9.9", "models/gemini-9.9 is not found for API version v1beta"),
    *(
        Case(f"{G}.{name}", value, INVALID)
        for name, value in {
            "responseJsonSchema": {},
            "audioTimestamp": True,
            "logprobs": 1,
            "responseLogprobs": True,
            "responseMimeType": "application/json",
            "responseSchema": {},
            "responseFormat": [{}],
            "routingConfig.autoMode.modelRoutingPreference": "BALANCED",
            "routingConfig.manualMode.modelName": "x",
            "stopSequences": ["x"],
            "enableAffectiveDialog": True,
            "thinkingConfig.includeThoughts": True,
            "thinkingConfig.thinkingBudget": 0,
            "thinkingConfig.thinkingLevel": "LOW",
            "translationConfig.targetLanguageCode": "es",
            "translationConfig.echoTargetLanguage": True,
            "speechConfig.multiSpeakerVoiceConfig.speakerVoiceConfigs.speaker": "Joe",
            "temperature": 2.1,
            "topP": 1.1,
            "topK": 0,
            "candidateCount": 2,
            "presencePenalty": 3,
            "frequencyPenalty": -3,
            "maxOutputTokens": 65537,
        }.items()
    ),
    Case(f"{S}.languageCode", "es-419", "Unsupported language code 'es-419' for model models/"),
    Case(f"{S}.multiSpeakerVoiceConfig.speakerVoiceConfigs.voiceConfig", {}, INVALID),
    Case(f"{G}.responseModalities", ["VIDEO"], "The emulator of bidiscope has no", vertex=True),
    Case(f"{G}.responseModalities", ["VIDEO"], "The requested combination of response modalities"),
    Case(f"{G}.enableEnhancedCivicAnswers", True, UNKNOWN, vertex=True),
    Case(f"{VOICE}.consentAudio", "AAAA", UNKNOWN, vertex=True),
    Case(f"{VOICE}.voiceConsentSignature.signature", "x", UNKNOWN, vertex=True),
    Case("sessionResumption.handle", "stale", "BidiGenerateContent session not found"),
    Case("sessionResumption.handle", None, INVALID, model="gemini-3.1-flash-live-preview"),
    Case("sessionResumption.transparent", True, UNKNOWN + '"transparent" at '),
    Case("safetySettings.method", "SEVERITY", UNKNOWN + '"method" at '),
    Case("explicitVadSignal", True, UNKNOWN + '"explicitVadSignal" at '),
    Case("labels", {"team": "x"}, UNKNOWN, vertex=True),
    Case("proactivity.proactiveAudio", False, INVALID),
    Case("proactivity.proactiveVideo", True, INVALID, model=NATIVE),
    *(
        Case(f"avatarConfig.{name}", value, reason, vertex=vertex)
        for reason, vertex in ((INVALID, False), ("The emulator of bidiscope has no Live", True))
        for name, value in {
            "avatarName": "Kai",
            "customizedAvatar.imageMimeType": "image/png",
            "customizedAvatar.imageData": "AAAA",
            "audioBitrateBps": 1,
            "videoBitrateBps": 1,
        }.items()
    ),
    *(Case(f"tools.{kind}", {}, INVALID) for kind in ("codeExecution", "urlContext", "googleMaps")),
    *(
        Case(f"tools.{kind}", {}, UNKNOWN)
        for kind in ("retrieval", "enterpriseWebSearch", "parallelAiSearch", "exaAiSearch")
    ),
    Case("tools.fileSearch", {}, UNKNOWN, vertex=True),
    Case(f"{IN}.customVocabulary", ["x"] * 1001, INVALID),
    Case(f"{IN}.mode", "SMART", INVALID, base={IN: {"wordTimestamp": True}}),
    Case(f"{IN}.languageCodes", ["english please"], INVALID),
    Case("contextWindowCompression.triggerTokens", 10**6, INVALID),
    Case(
        "contextWindowCompression.slidingWindow.targetTokens",
        100,
        INVALID,
        base={"contextWindowCompression": {"triggerTokens": 100}},
    ),
]


def covers(one: str, path: str) -> bool:
    return f"{path}.".startswith(f"{one}.")


def test_no_field_of_the_schema_is_forgotten() -> None:
    told = {case.path for case in (*HONOURED, *SILENT, *REFUSED)}
    fields = set(leaves(schema.messages()["LiveClientSetup"]))
    assert len(fields) > 90
    assert {path for path in fields if not any(covers(one, path) for one in told)} == set()
    assert {one for one in told if not any(covers(one, path) for path in fields)} == set()


@pytest.mark.parametrize("case", HONOURED, ids=str)
def test_honoured(case: Case) -> None:
    talks = "translate" not in case.model
    given, absent = (converse(case.client(given=given), talks=talks) for given in (True, False))
    assert given != absent


@pytest.mark.parametrize("case", SILENT, ids=str)
def test_taken_without_effect(case: Case) -> None:
    assert converse(case.client(given=True)) == converse(case.client(given=False))


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Case) -> None:
    assert case.client(given=False).closed is None
    closed = case.client(given=True).closed
    assert closed is not None
    assert closed.reason.startswith(case.reason)


WRONG = [
    (f"{G}.temperature", "warm"),
    (f"{G}.seed", 1.5),
    (f"{G}.mediaResolution", "MEDIA_RESOLUTION_HUGE"),
    (f"{VOICE}.voiceSampleAudio", "%"),
    ("explicitVadSignal", "yes"),
    ("labels", ["x"]),
    ("safetySettings.threshold", 3),
    (f"{R}.silenceDurationMs", True),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_a_value_of_the_wrong_type_is_refused_by_its_path(path: str, value: Any) -> None:
    closed = Case(path, value).client(given=True).closed
    assert closed is not None
    assert closed.reason.startswith(("Invalid value at 'setup.", "Invalid JSON payload received."))
