"""The setup: what the model refuses, ignores, or should have been asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from tui.core import models
from tui.core.lint.scene import Check
from tui.core.models import Model
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

NOT_IN_LIVE = (
    *("responseLogprobs", "responseMimeType", "logprobs", "responseSchema"),
    *("stopSequences", "routingConfig", "audioTimestamp"),
)
"""Fields of `generationConfig` that the Live API does not take (ai.google.dev, Live API)."""

_UNSPECIFIED = "THINKING_LEVEL_UNSPECIFIED"
_MODALITIES = frozenset({"AUDIO", "TEXT"})
"""The modalities that `models.toml` speaks of."""


class Setup(Check):
    """Looks at the first message, against the table of models."""

    def setup(self, fact: Fact) -> None:
        """A setup; only the first one of a connection counts."""
        scene, link = self.scene, self.scene.link
        if link.setup_row is not None:
            scene.report("setup-twice", link.setup_row, scene.row)
            return
        link.setup_row, link.setup_s = scene.row, scene.now_s
        if not link.model.listed:
            scene.report("model-unlisted", model=link.model.name or "none")
        self._retired()
        self._modalities()
        config = dict_of(link.setup.get("generationConfig"))
        self._generation(config)
        self._voice(config)
        self._task(config)
        self._tools()
        self._resumption()
        self._listening()

    def _retired(self) -> None:
        retired, link = self.scene.link.model.retired, self.scene.link
        if not retired or link.origin == "emulator":
            return
        day = datetime.fromtimestamp(self.scene.unix_s, UTC).date()
        if day >= date.fromisoformat(retired):
            self.scene.report("model-retired", model=link.model.name, day=retired)

    def _modalities(self) -> None:
        link, model = self.scene.link, self.scene.link.model
        asked = link.modalities
        if len(asked) > 1:
            self.scene.report("modalities-many", asked=" and ".join(asked))
        refused = [each for each in asked if each in _MODALITIES and not model.speaks(each)]
        if model.listed and refused:
            offered = " or ".join(model.modalities)
            self.scene.report(
                "modality-refused", model=model.name, asked=refused[0], offered=offered
            )

    def _generation(self, config: Mapping[str, Any]) -> None:
        model, report = self.scene.link.model, self.scene.report
        if fields := [name for name in NOT_IN_LIVE if config.get(name) is not None]:
            report("config-refused", fields=", ".join(fields))
        thinking = config.get("thinkingConfig")
        if thinking is not None and (wrong := _thinking(dict_of(thinking), model)):
            report("thinking-refused", model=model.name, takes=wrong)
        if config.get("enableAffectiveDialog") is True and not model.affective:
            report("affective-refused", model=model.name)
        proactivity = dict_of(self.scene.link.setup.get("proactivity"))
        if proactivity.get("proactiveAudio") is False and model.proactive == "always":
            report("proactivity-refused", model=model.name)

    def _voice(self, config: Mapping[str, Any]) -> None:
        speech = dict_of(config.get("speechConfig"))
        prebuilt = dict_of(dict_of(speech.get("voiceConfig")).get("prebuiltVoiceConfig"))
        name = prebuilt.get("voiceName")
        voices = models.voices(self.scene.link.model) or models.voices()
        if isinstance(name, str) and name not in voices:
            meant = next((voice for voice in voices if voice.lower() == name.lower()), "")
            hint = f"; {meant} is" if meant else ""
            model = self.scene.link.model.name or "The model"
            self.scene.report("voice-unknown", model=model, voice=name, hint=hint)

    def _task(self, config: Mapping[str, Any]) -> None:
        model, report = self.scene.link.model, self.scene.report
        if self.scene.link.setup.get("systemInstruction") and not model.instruction:
            report("instruction-refused", model=model.name)
        translates = models.task(model, self.scene.link.setup) == models.TRANSLATION
        if config.get("translationConfig") is not None and not translates:
            report("translation-refused", model=model.name)

    def _tools(self) -> None:
        model, report = self.scene.link.model, self.scene.report
        tools = rows_of(self.scene.link.setup.get("tools"))
        kinds = {kind for tool in tools for kind in tool}
        if refused := [kind for kind in model.refused_tools if kind in kinds]:
            report("tool-kind-refused", model=model.name, kinds=", ".join(refused))
        named = [row for tool in tools for row in rows_of(tool.get("functionDeclarations"))]
        waiting = [str(row.get("name")) for row in named if row.get("behavior") == "NON_BLOCKING"]
        if waiting and not model.async_tools:
            report("tool-async-refused", model=model.name, name=waiting[0])

    def _resumption(self) -> None:
        resumption = self.scene.link.setup.get("sessionResumption")
        if isinstance(resumption, dict) and resumption.get("handle", "") is None:
            self.scene.report("handle-null")

    def _listening(self) -> None:
        link = self.scene.link
        if "silenceDurationMs" in link.detection and not link.model.silence_duration:
            ms = link.detection["silenceDurationMs"]
            self.scene.report("silence-ignored", model=link.model.name, ms=ms)

    sent: ClassVar = {"setup": setup}


def _thinking(config: Mapping[str, Any], model: Model) -> str:
    """What the model wants in place of this `thinkingConfig`; empty when it takes it."""
    takes, level = model.thinking, config.get("thinkingLevel")
    if takes == "none":
        return "no thinkingConfig"
    if takes == "level" and config.get("thinkingBudget") is not None:
        return "thinkingLevel, not thinkingBudget"
    if takes == "budget" and level is not None:
        return "thinkingBudget, not thinkingLevel"
    if takes == "level" and level not in (None, _UNSPECIFIED, *model.thinking_levels):
        return f"thinkingLevel {', '.join(model.thinking_levels)}, not {str(level)[:20]}"
    return ""
