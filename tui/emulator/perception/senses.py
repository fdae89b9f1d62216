"""What a session perceives: the sound and the pictures in its client's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.core import media
from tui.emulator import refusal
from tui.emulator.fields import Fields
from tui.emulator.mind import results
from tui.emulator.perception.ears import Detector
from tui.emulator.perception.hearing import Event, Heard, Hearing
from tui.emulator.perception.sight import Sight
from tui.emulator.session import calls
from tui.emulator.session.conversation import TOKENS_PER_PICTURE, Role, Said
from tui.emulator.session.steps import FunctionCall
from tui.emulator.terms.activity import ALL_INPUT, ONLY_ACTIVITY, Activity

UNREADABLE = "application/json"
"""What no turn may have inline (googleapis/python-genai#182)."""
NO_SOUND = "I have heard nothing yet: no sound has come."


class Senses:
    """Hearing and sight of one session; what belongs to a turn is decided by `turnCoverage`."""

    def __init__(
        self,
        activity: Activity,
        detector: Callable[[], Detector],
        *,
        interim: bool,
        picture_tokens: int = TOKENS_PER_PICTURE,
    ) -> None:
        """``detector`` is called once, when sound comes; ``interim`` as in `Hearing`.

        ``picture_tokens`` is what a picture weighs.
        """
        self._activity, self._detector, self._interim = activity, detector, interim
        self._picture_tokens = picture_tokens
        self._hearing: Hearing | None = None
        self._sight = Sight()
        self._covered_s = 0.0
        """How much of the sound belongs to turns that have been."""

    def perceive(self, given: Fields, now: float) -> Iterator[Event]:
        """What a `realtimeInput` brings; each event must be dealt with before the next."""
        started, ended = (given.object(f"activity{edge}").given for edge in ("Start", "End"))
        if self._activity.automatic and (started or ended):
            raise refusal.explicit_activity()
        if started:
            yield from self._ears().start(now)
        for chunk in given.objects("mediaChunks"):
            if _is_image(chunk):
                self._watch(chunk, now)
            else:
                yield from self._listen(chunk, now)
        if (video := given.object("video")).given:
            self._watch(video, now)
        if (audio := given.object("audio")).given:
            yield from self._listen(audio, now)
        if ended or (self._activity.automatic and given.flag("audioStreamEnd")):
            yield from self._ears().end(now)

    @property
    def active(self) -> bool:
        """Somebody is speaking."""
        return self._hearing is not None and self._hearing.active

    def understood(self, words: str | None, now: float) -> Iterator[Event]:
        """The words that were asked for; None where words cannot be recognized."""
        return self._hearing.understood(words, now) if self._hearing else iter(())

    def spoken(self, heard: Heard) -> Said:
        """The turn that ends with this utterance."""
        duration_s = heard.duration_s
        if self._activity.coverage == ALL_INPUT:
            duration_s = heard.end_s - self._covered_s
        self._covered_s = heard.end_s
        return self._said("user", heard.words or "", duration_s, frames=self._sight.taken())

    def written(self, role: Role, turn: Fields, now: float) -> Said:
        """A turn that is a `Content`; a person's comes with the pictures streamed before it.

        One that only calls functions, or answers them, is the tools' own.
        """
        text = turn.content_text()
        tools = [words for part in turn.objects("parts") if (words := _tool(part))]
        if tools and not text:
            return Said("tool", " ".join(tools))
        blobs = [part.object("inlineData") for part in turn.objects("parts")]
        for blob in blobs:
            if blob.text("mimeType").startswith(UNREADABLE):
                raise refusal.unreadable(blob.text("mimeType"))
        images = [blob for blob in blobs if _is_image(blob)]
        for image in images:
            self._sight.look(_data(image), now)
        frames = self._sight.taken() if role == "user" else 0
        return self._said(role, text, frames=frames, images=len(images))

    def typed(self, text: str) -> Said:
        """A turn of text, with the pictures streamed before it."""
        return self._said("user", text, frames=self._sight.taken())

    def heard(self, *, spoken: bool) -> str:
        """What was heard last, in words; ``spoken`` if the question itself was."""
        return self._hearing.told(spoken=spoken) if self._hearing else NO_SOUND

    def seen(self, now: float) -> str:
        """What was seen last, in words."""
        return self._sight.told(now)

    def _said(self, role: Role, text: str, spoken_s: float = 0.0, **pictures: int) -> Said:
        return Said(role, text, spoken_s, picture_tokens=self._picture_tokens, **pictures)

    def _ears(self) -> Hearing:
        if self._hearing is None:
            self._hearing = Hearing(self._activity, self._detector(), interim=self._interim)
        return self._hearing

    def _listen(self, blob: Fields, now: float) -> Iterator[Event]:
        mime_type = blob.text("mimeType")
        if mime_type and not media.is_pcm(blob.raw):
            raise refusal.no_pcm(mime_type)
        rate_hz = media.pcm_rate_hz(mime_type, media.INPUT_RATE_HZ)
        return self._ears().listen(_data(blob), rate_hz, now)

    def _watch(self, blob: Fields, now: float) -> None:
        if blob.text("mimeType") and not _is_image(blob):
            raise refusal.invalid_argument()
        data = _data(blob)
        if self.active or self._activity.coverage != ONLY_ACTIVITY:
            self._sight.see(data, now)
        else:
            self._sight.miss()


def _tool(part: Fields) -> str:
    """A call of a function in a history, or its response, in words."""
    call, response = part.object("functionCall"), part.object("functionResponse")
    if call.given:
        return calls.told(FunctionCall(call.text("name"), call.object("args").raw))
    if response.given:
        return results.told(response.text("name"), response.object("response").raw)
    return ""


def _is_image(blob: Fields) -> bool:
    return blob.text("mimeType").strip().lower().startswith("image/")


def _data(blob: Fields) -> bytes:
    try:
        return media.data_bytes(blob.raw)
    except ValueError as error:
        raise refusal.invalid_json(str(error)) from None
