"""The first message of a session: what the client asks for, granted or refused."""

from __future__ import annotations

from dataclasses import dataclass

from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.session import grammar
from tui.emulator.session.compression import Compression
from tui.emulator.session.toolbox import Toolbox
from tui.emulator.terms.activity import Activity
from tui.emulator.terms.admission import admitted
from tui.emulator.terms.generation import Generation
from tui.emulator.terms.profiles import Profile
from tui.emulator.terms.transcription import Transcription


@dataclass(frozen=True, slots=True)
class Setup:
    """A session's configuration, as granted."""

    profile: Profile
    generation: Generation
    instruction: str
    activity: Activity
    heard: Transcription
    """The words that the client speaks."""
    spoken: Transcription
    """The words of spoken answers."""
    interim_offsets: bool
    """Words that are not final come with their offsets."""
    compression: Compression | None
    resumable: bool
    """The client wants handles, and the model gives them; one that does not ignores the wish."""
    handle: str
    """The session that is taken up again; or nothing."""
    transparent: bool
    """Handles say how many of the client's messages they contain."""
    proactive: bool
    """What is not meant for the model is not answered."""
    vad_signals: bool
    """Speech is announced by `voiceActivityDetectionSignal`."""
    seeded: bool
    """History comes first, and is not answered."""
    tools: Toolbox
    thinking: bool
    """The client has asked the model to think."""
    thoughts: bool
    """It wants to read the thoughts."""

    @classmethod
    def granted(cls, setup: Fields, endpoint: Endpoint, model: str = "") -> Setup:
        """The configuration that ``setup`` asks for; raises `Refusal` like the model would.

        ``model`` answers in place of the one that the client names.
        """
        grammar.check(setup.raw, "LiveClientSetup", "setup")
        name = setup.text("model")
        chosen = admitted(setup, endpoint, model)
        config = setup.object("generationConfig")
        resumption = setup.object("sessionResumption")
        thinking = config.object("thinkingConfig")
        thinks = thinking.given and thinking.whole("thinkingBudget") != 0
        input_config = setup.object("realtimeInputConfig")
        labels = setup.object("labels")
        for label in labels.raw:
            labels.text(label)
        if setup.object("avatarConfig").given:
            raise refusal.no_avatar()
        return cls(
            profile=chosen,
            generation=Generation.granted(config, name, chosen, endpoint),
            instruction=setup.object("systemInstruction").content_text(),
            activity=Activity.granted(input_config, chosen.activity),
            heard=Transcription.granted(setup.object("inputAudioTranscription")),
            spoken=Transcription.granted(setup.object("outputAudioTranscription")),
            interim_offsets=input_config.flag("interimTranscriptTimestampEnabled"),
            compression=Compression.granted(
                setup.object("contextWindowCompression"), chosen.model.context_tokens
            ),
            resumable=resumption.given and chosen.model.resumption,
            handle=resumption.text("handle"),
            transparent=resumption.flag("transparent"),
            proactive=chosen.model.proactive == "always"
            or setup.object("proactivity").flag("proactiveAudio"),
            vad_signals=setup.flag("explicitVadSignal"),
            seeded=setup.object("historyConfig").flag("initialHistoryInClientContent"),
            tools=toolbox(setup.objects("tools"), chosen),
            thinking=thinks,
            thoughts=thinks and thinking.flag("includeThoughts"),
        )


def toolbox(tools: list[Fields], chosen: Profile) -> Toolbox:
    """The tools as the model takes them."""
    return Toolbox.of(tools, chosen.model.async_default, asynchronous=chosen.model.async_tools)
