"""What holds for every frame that a Live server sends, whatever the conversation.

After protocol notes, sections 2, 4 and 5. A `Client` of the driver judges each frame by them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from tui.core import wire
from tui.emulator.terms.profiles import Profile, profile

Message = dict[str, Any]

MAX_FRAME_BYTES = 2**20
"""The default `max_size` of a client of websockets."""
USER_DATA = ("args", "response", "groundingMetadata", "urlContextMetadata")
"""What a tool brought, defaults and all."""
PIECES = ("modelTurn", "outputTranscription", "groundingMetadata")
"""What belongs to an answer."""
ENVELOPES = {
    *("setupComplete", "serverContent", "toolCall", "toolCallCancellation", "goAway"),
    *("sessionResumptionUpdate", "voiceActivity", "voiceActivityDetectionSignal"),
}
_DURATION = re.compile(r"\d+(\.\d{1,9})?s")


class Rules:
    """Judges the server's frames of one session, in their order; `check` fails by assertion."""

    def __init__(self, *, vertex: bool) -> None:
        self._vertex = vertex
        self._profile: Profile | None = None
        self._generated = self._interrupted = self._answering = False

    def heard(self, payload: bytes) -> None:
        """A message of the client; the first one names the model."""
        if self._profile is None and b'"setup"' in payload:
            model = json.loads(payload).get("setup", {}).get("model")
            if isinstance(model, str):
                self._profile = profile(model.rpartition("/")[2])

    def check(self, payload: bytes) -> None:
        """The next frame of the server."""
        assert len(payload) < MAX_FRAME_BYTES, "a client of websockets hangs up"
        message = json.loads(payload)
        unknown = [path for fact in wire.decode(payload, "recv") for path in fact.unknown]
        assert not unknown, f"the SDK knows no {unknown}"
        assert not list(_defaults(message)), f"proto3 omits {list(_defaults(message))}"
        self._check_envelope(message)
        if "setupComplete" in message:
            assert list(message["setupComplete"]) == (["sessionId"] if self._vertex else [])
        if "usageMetadata" in message:
            self._check_usage(message["usageMetadata"])
        if content := message.get("serverContent"):
            self._check_content(content)
            self._check_order(content, message)
        if "toolCall" in message:
            assert not self._generated, "no call after generationComplete"

    def _check_envelope(self, message: Message) -> None:
        kinds = set(message) - {"usageMetadata"}
        beside = self._profile is not None and self._profile.voice_activity == "beside"
        if beside and message.get("serverContent") == {}:
            kinds.discard("voiceActivity")
        assert len(kinds) <= 1, "one kind of message in a frame"
        assert kinds <= ENVELOPES
        if "voiceActivity" in message:
            assert _DURATION.fullmatch(message["voiceActivity"].get("audioOffset", "0s"))
        if "goAway" in message:
            assert _DURATION.fullmatch(message["goAway"].get("timeLeft", "0s"))
        update = message.get("sessionResumptionUpdate", {})
        assert isinstance(update.get("lastConsumedClientMessageIndex", "0"), str), "int64"

    def _check_usage(self, usage: Message) -> None:
        ours, theirs = ("candidates", "response") if self._vertex else ("response", "candidates")
        assert not [name for name in usage if name.startswith(theirs)], "the other dialect"
        assert ("trafficType" in usage) == self._vertex
        for kind in ("prompt", ours):
            details = usage.get(f"{kind}TokensDetails", [])
            assert sum(each["tokenCount"] for each in details) == usage.get(f"{kind}TokenCount", 0)
        counts = [usage.get(f"{kind}TokenCount", 0) for kind in ("prompt", ours, "toolUsePrompt")]
        assert sum(counts) + usage.get("thoughtsTokenCount", 0) == usage["totalTokenCount"]

    def _check_content(self, content: Message) -> None:
        turn = content.get("modelTurn", {})
        parts = turn.get("parts", [])
        if self._profile is not None:
            speaks = self._vertex or self._profile.model_role
            assert not turn or turn.get("role") == ("model" if speaks else None)
            pieces = len(parts) + sum(kind in content for kind in PIECES[1:])
            assert self._profile.bundled or pieces <= 1, "one part of content in an event"
        for index, part in enumerate(parts):
            if blob := part.get("inlineData"):
                assert index == 0, "clients play parts[0]"
                assert self._profile is None or blob["mimeType"] == self._profile.mime_type
                assert base64.b64decode(blob["data"], validate=True), "the standard alphabet"

    def _check_order(self, content: Message, message: Message) -> None:
        pieces = [kind for kind in PIECES if kind in content]
        assert not (pieces and self._generated), f"{pieces} after generationComplete"
        assert not (pieces and self._interrupted), f"{pieces} after interrupted"
        if content.get("generationComplete"):
            assert not self._interrupted, "an interrupted turn is not generated to its end"
            self._generated = True
        if content.get("interrupted"):
            self._interrupted = True
        if content.get("turnComplete"):
            assert self._generated or self._interrupted, "a turn is generated or interrupted"
            assert "usageMetadata" in message, "usage rides on turnComplete"
            self._generated = self._interrupted = False


def _defaults(value: Any, path: str = "") -> Iterator[str]:
    """Where a field is sent that has the value it has when it is not sent."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _defaults(each, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in USER_DATA:
                continue
            if each in (False, 0, "", None) or each == []:
                yield f"{path}.{name}"
            yield from _defaults(each, f"{path}.{name}")
