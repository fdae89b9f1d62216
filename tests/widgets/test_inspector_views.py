"""The inspector's views that take work: media, the SDK's, differences; and the field in view."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.media.films import RED, jpeg
from tests.widgets.wire_log import BareApp, content
from tui.core.clip import Clip
from tui.core.frame import BINARY, Direction, Event, Frame, Record
from tui.core.inspection import Instruments
from tui.lent import measure, pixels, sdk
from tui.widgets.inspector import Inspector, InspectorBody
from tui.widgets.inspector.field_line import FieldLine

RATE_HZ = 24_000


class NotedAudition:
    """Keeps what shall be played, and says that so much of it was heard."""

    def __init__(self) -> None:
        self.played: list[Clip] = []
        self.heard_s: float | None = None
        self.problem = ""

    def play(self, clip: Clip) -> None:
        self.played.append(clip)
        self.heard_s = 0.0

    def stop(self) -> None:
        self.heard_s = None


class ViewsApp(BareApp):
    CSS = "Inspector { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.audition = NotedAudition()
        self.threads: set[str] = set()
        self.inspector = Inspector(Instruments(self.measure, pixels, self.sdk, self.audition))

    def measure(self, clip: Clip) -> Any:
        self.threads.add(threading.current_thread().name)
        return measure(clip)

    def sdk(self, frame: Frame, vertex: bool) -> Any:
        self.threads.add(threading.current_thread().name)
        return sdk(frame, vertex)

    def compose(self) -> ComposeResult:
        yield self.inspector

    def on_mount(self) -> None:
        self.inspector.focus()

    @property
    def body(self) -> InspectorBody:
        return self.query_one(InspectorBody)

    def lines(self) -> list[str]:
        body = self.body
        lines = [body.render_line(y).text.rstrip() for y in range(body.size.height)]
        return lines[: len(body.lines)]

    def field(self) -> str:
        line = self.query_one(FieldLine)
        return " ".join(line.render_line(y).text.strip() for y in range(line.size.height)).strip()


async def settled(pilot: Pilot[None]) -> ViewsApp:
    """Wait for the workers."""
    app = pilot.app
    assert isinstance(app, ViewsApp)
    async with asyncio.timeout(30):
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
    return app


def frame(message: Any, seq: int = 1, direction: Direction = Direction.RECEIVE) -> Frame:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return Frame(seq, 0.0, 0.0, direction, BINARY, payload)


def tone(seconds: float = 0.2, amplitude: float = 0.5) -> bytes:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = amplitude * 32767 * np.sin(2 * np.pi * 440 * times)
    pcm: bytes = wave.astype("<i2").tobytes()
    return pcm


def voice(pcm: bytes, seq: int = 1, mime_type: str = f"audio/pcm;rate={RATE_HZ}") -> Frame:
    blob = {"mimeType": mime_type, "data": base64.b64encode(pcm).decode()}
    return frame(content(modelTurn={"parts": [{"inlineData": blob}]}), seq)


def picture(data: bytes, mime_type: str = "image/jpeg") -> Frame:
    blob = {"mime_type": mime_type, "data": base64.urlsafe_b64encode(data).decode()}
    return frame({"realtime_input": {"video": blob}}, direction=Direction.SEND)


async def shown(pilot: Pilot[None], record: Record | None, view: str, **how: Any) -> list[str]:
    app = pilot.app
    assert isinstance(app, ViewsApp)
    app.inspector.show(record, **how)
    app.inspector.show_view(view)
    return (await settled(pilot)).lines()


async def test_sound_is_a_waveform_with_its_figures() -> None:
    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        lines = await shown(pilot, voice(tone()), "media")
        assert lines[0] == "audio/pcm;rate=24000  24 kHz · mono · 200 ms · 9,600 B"
        assert lines[1] == "peak -6.0 dBFS · RMS -9.0 dBFS · drawn 2x higher"
        assert lines[2] == "█" * 79, "a tone fills it from top to bottom"
        assert lines[-1].startswith("0 s")
        assert lines[-1].endswith("p plays it · 200 ms")
        app = await settled(pilot)
        assert threading.main_thread().name not in app.threads


async def test_a_run_is_shown_and_played_whole() -> None:
    run = [voice(tone(), 1), voice(tone(), 2), voice(tone(), 3)]

    def read() -> Sequence[Frame]:
        return run

    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        lines = await shown(pilot, run[0], "media", run=read, messages=3)
        assert "600 ms · 28,800 B · 3 messages" in lines[0]
        await pilot.press("p")
        app = await settled(pilot)
        assert [clip.pcm for clip in app.audition.played] == [tone() * 3]


async def test_sound_is_played_from_any_view_and_stopped() -> None:
    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        await shown(pilot, voice(tone()), "tree")
        await pilot.press("p")
        app = await settled(pilot)
        assert app.audition.played == [Clip(tone(), RATE_HZ, True, 1)]
        await pilot.press("p")
        assert app.audition.heard_s is None
        assert len(app.audition.played) == 1


async def test_the_play_head_moves_through_the_waveform() -> None:
    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        await shown(pilot, voice(tone()), "media")
        await pilot.press("enter")
        app = await settled(pilot)
        app.audition.heard_s = 0.1
        await pilot.pause(0.3)
        assert app.lines()[-1].startswith("▶ 0.1 s")
        assert app.lines()[-1].endswith("p stops it · 200 ms")
        heard = next(text for text, look in app.body.lines.line(2) if look == "heard")
        assert len(heard) == pytest.approx(79 / 2, abs=1)
        app.inspector.show(voice(tone(), seq=2))
        assert (await settled(pilot)).lines()[-1].startswith("0 s"), "another sound is not played"
        app.audition.heard_s = None
        await pilot.pause(0.3)
        app.inspector.show(voice(tone()))
        assert (await settled(pilot)).lines()[-1].startswith("0 s")


@pytest.mark.parametrize(
    ("pcm", "mime_type", "words"),
    [
        (bytes(9600), "audio/pcm;rate=24000", "digital silence: bytes without energy"),
        (b"\xff\x7f" * 100, "audio/pcm;rate=24000", "100 samples at full scale"),
        (tone(), "audio/pcm", "24 kHz? · mono"),
        (tone(), "audio/mpeg", "There is no audio/pcm in it"),
        (b"", "audio/pcm", "Its sound is empty."),
        (tone(), "video/mp4", "neither sound nor a picture: not shown"),
    ],
)
async def test_what_is_odd_about_media_is_said(pcm: bytes, mime_type: str, words: str) -> None:
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        lines = await shown(pilot, voice(pcm, mime_type=mime_type), "media")
        assert words in "\n".join(lines)


async def test_a_message_without_sound_says_so_when_it_shall_be_played() -> None:
    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        await shown(pilot, frame(content(turnComplete=True)), "media")
        assert (await settled(pilot)).lines() == ["This message holds no media."]
        await pilot.press("p")
        app = await settled(pilot)
        assert not app.audition.played
        assert [note.message for note in app._notifications] == [
            "There is no audio/pcm in it; nothing else is decoded."
        ]


async def test_a_picture_is_drawn_as_large_as_there_is_room() -> None:
    async with ViewsApp().run_test(size=(80, 20)) as pilot:
        lines = await shown(pilot, picture(jpeg(RED)), "media")
        assert lines[0].startswith("image/jpeg  JPEG · 320x180 · ")
        drawn = [line for line in lines[1:] if line]
        assert drawn
        assert set("".join(drawn)) == {"▀"}
        small = (len(drawn[0]), len(drawn))
        assert small[0] / small[1] == pytest.approx(2 * 320 / 180, rel=0.15)
        await pilot.resize_terminal(120, 50)
        lines = (await settled(pilot)).lines()
        assert len(lines[1]) > small[0], "it is decoded again for the new size"


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xd8\xff\xe0", "its first bytes are of no JPEG, PNG or GIF"),
        (b"", "its first bytes are of no JPEG, PNG or GIF"),
        (PNG + (50_000).to_bytes(4, "big") * 2, "too large to be decoded here"),
        (PNG + (100).to_bytes(4, "big") * 2 + b"rubbish", "It cannot be decoded."),
        (PNG + bytes(8), "its first bytes are of no JPEG, PNG or GIF"),
        (jpeg(RED)[:200], "It cannot be decoded."),
    ],
)
async def test_a_picture_that_cannot_be_drawn_says_why(data: bytes, words: str) -> None:
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        assert words in " ".join(await shown(pilot, picture(data), "media"))


async def test_several_media_are_turned_over_by_the_arrows() -> None:
    parts = [
        {"inlineData": {"mimeType": f"image/x{number}", "data": "AAAA"}} for number in range(3)
    ]
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        lines = await shown(pilot, frame(content(modelTurn={"parts": parts})), "media")
        assert lines[0].startswith("1 of 3 · ← →  image/x0")
        await pilot.press("right")
        assert (await settled(pilot)).lines()[0].startswith("2 of 3 · ← →  image/x1")
        await pilot.press("left", "left")
        assert (await settled(pilot)).lines()[0].startswith("3 of 3")


async def test_what_the_sdk_gives_with_what_it_drops() -> None:
    message = content(modelTurn={"parts": [{"text": "Hi."}]}, future=1)
    async with ViewsApp().run_test(size=(80, 24)) as pilot:
        lines = [line.strip() for line in await shown(pilot, frame(message), "sdk")]
        assert 'text "Hi."' in lines
        assert '0 "serverContent.future"' in lines[lines.index("▾ drops [1]") :]
        assert 'receive "goes on"' in lines
        at = lines.index('text "Hi."')
        app = await settled(pilot)
        app.body.move_cursor(at)
        await pilot.pause()
        assert app.field().startswith("text string · written words")
        assert threading.main_thread().name not in app.threads


async def test_what_the_sdk_breaks_on_is_a_sentence() -> None:
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        lines = await shown(pilot, frame({"new": 1}), "sdk")
        assert "receive() raises TypeError: '<=' not supported" in "\n".join(lines)


async def test_the_dialect_is_the_sessions() -> None:
    usage = frame({"usageMetadata": {"candidatesTokenCount": 7}})
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        assert "response_token_count 7" in "\n".join(await shown(pilot, usage, "sdk", vertex=True))
        assert "response_token_count" not in "\n".join(await shown(pilot, usage, "sdk"))


async def test_the_call_behind_a_sent_message() -> None:
    sent = frame({"realtimeInput": {"text": "Hi."}}, direction=Direction.SEND)
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        lines = [line.strip() for line in await shown(pilot, sent, "sdk")]
        assert lines[1:] == ['call "session.send_realtime_input"', "▾ arguments {1}", 'text "Hi."']


async def test_two_messages_are_compared() -> None:
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        app = await settled(pilot)
        first = frame({"server_content": {"turn_complete": True, "interrupted": True}}, 3)
        assert await shown(pilot, first, "diff") == [
            "  Mark a message with =, then go to another and press = again."
        ]
        app.inspector.mark()
        assert (await settled(pilot)).lines() == ["  This message is marked: go to another."]
        app.inspector.show_view("tree")
        app.inspector.show(frame(content(turnComplete=False, waitingForInput=True), 4))
        app.inspector.mark()
        assert app.inspector.view == "diff"
        assert (await settled(pilot)).lines() == [
            "From #3 to #4, keys in camelCase: + added, - removed, ~ changed",
            "~ serverContent.turnComplete true → false",
            "- serverContent.interrupted true",
            "+ serverContent.waitingForInput true",
        ]
        looks = [app.body.lines.line(at)[0][1] for at in (1, 2, 3)]
        assert looks == ["changed", "removed", "added"]
        app.body.move_cursor(3)
        await pilot.pause()
        assert app.field().startswith("waitingForInput boolean")
        assert app.inspector.copy_path() == "serverContent.waitingForInput"
        app.inspector.show(frame(first.payload, 5))
        assert (await settled(pilot)).lines()[1] == "They say the same."


async def test_the_marked_message_is_marked_and_can_be_let_go() -> None:
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        app = await settled(pilot)
        app.inspector.show(frame({}, 3))
        app.inspector.mark()
        assert "= marked" in str(app.query_one("#inspector-head").render())
        app.inspector.show(frame({}, 4))
        assert "= marked" not in str(app.query_one("#inspector-head").render())
        app.inspector.show(frame({}, 3))
        app.inspector.mark()
        assert "= marked" not in str(app.query_one("#inspector-head").render())


async def test_a_hostile_message_is_compared_and_shown_by_the_sdk() -> None:
    deep = frame(b'{"a":' * 900 + b"1" + b"}" * 900, 1)
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        app = await settled(pilot)
        app.inspector.show(deep)
        app.inspector.mark()
        for payload in (b'{"a":2}', b"rubbish", b'{"\x1b[31m\\u001b[31m": "\\u202e"}'):
            app.inspector.show(frame(payload, 2))
            for view in ("diff", "sdk", "media"):
                app.inspector.show_view(view)
                drawn = "".join((await settled(pilot)).lines()) + app.field()
                assert drawn.isprintable()
                assert "One moment" not in drawn


async def test_an_event_has_no_media_and_no_sdk() -> None:
    event = Event(1, 0.0, 0.0, "view", {"view": "audio"})
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        for view in ("media", "sdk"):
            assert await shown(pilot, event, view) == [
                "  An event of this side is not on the wire."
            ]
        await shown(pilot, event, "tree")
        app = await settled(pilot)
        assert app.field() == "An event of this side, which is not on the wire."
        await pilot.press("p")
        assert not (await settled(pilot)).audition.played


async def test_a_library_that_fails_is_said_and_nothing_ends() -> None:
    class Broken(ViewsApp):
        def sdk(self, frame: Frame, vertex: bool) -> Any:
            raise RuntimeError("no \x1b[31mway")

    async with Broken().run_test(size=(100, 20)) as pilot:
        lines = await shown(pilot, frame({}), "sdk")
        assert lines == ["  It cannot be shown: RuntimeError: no ␛[31mway"]


async def test_a_slow_view_is_dropped_when_another_message_is_shown() -> None:
    go_on = threading.Event()

    class Slow(ViewsApp):
        def sdk(self, frame: Frame, vertex: bool) -> Any:
            if frame.seq == 1:
                go_on.wait(10)
            return {"of": frame.seq}

    async with Slow().run_test(size=(100, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, Slow)
        app.inspector.show(frame({}, 1))
        app.inspector.show_view("sdk")
        await pilot.pause()
        assert app.lines() == ["  One moment …"]
        app.inspector.show(frame({}, 2))
        await pilot.pause(0.2)
        go_on.set()
        await pilot.pause(0.2)
        assert app.lines() == ["  of 2"]


@pytest.mark.parametrize(
    ("message", "direction", "line", "words"),
    [
        (content(turnComplete=True), "receive", 1, "turnComplete boolean · the turn is over"),
        (
            content(interactionStatus="REQUIRES_ACTION"),
            *("receive", 1, "REQUIRES_ACTION is deprecated: use IDLE"),
        ),
        (
            {"setup": {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}}},
            *("send", 2, "since SDK 1.10.0 · MEDIA_RESOLUTION_… LOW | MEDIUM | HIGH"),
        ),
        (content(modelTurn={}), "receive", 1, "since the first SDK"),
        (content(interactionStatus="NEW"), "receive", 1, "NEW is no value that the SDK knows"),
        (content(interactionStatus="IDLE"), "receive", 1, "IN_PROGRESS | REQUIRES_ACTION | IDLE"),
        (content(future=1), "receive", 1, "future is not in google-genai's schema"),
        (
            {"realtimeInput": {"mediaChunks": []}},
            *("send", 1, "deprecated: use audio or video; Gemini 3.1 closes with 1007"),
        ),
        ({"usageMetadata": {"candidatesTokenCount": 1}}, "receive", 1, "in no SDK"),
        ({"contextUpdate": {}}, "send", 0, "since SDK 2.32.0"),
        (
            {"toolCall": {"functionCalls": [{"args": {"a": 1}}]}},
            *("receive", 4, "what is below is yours, not the protocol's"),
        ),
    ],
)
async def test_the_field_under_the_cursor_is_explained(
    message: Any, direction: str, line: int, words: str
) -> None:
    async with ViewsApp().run_test(size=(160, 20)) as pilot:
        app = await settled(pilot)
        app.inspector.show(frame(message, direction=Direction(direction)))
        app.body.move_cursor(line)
        await pilot.pause()
        assert words in app.field()


async def test_a_field_is_explained_for_the_message_that_is_shown() -> None:
    async with ViewsApp().run_test(size=(120, 20)) as pilot:
        app = await settled(pilot)
        app.inspector.show(frame({"goAway": {"timeLeft": "50s"}}))
        await pilot.pause()
        assert app.field().startswith("goAway LiveServerGoAway")
        app.inspector.show(frame({"toolCall": {}}))
        await pilot.pause()
        assert app.field().startswith("toolCall LiveServerToolCall")
        await pilot.press("v")
        assert not app.query_one(FieldLine).display


async def test_megabytes_are_compared_without_holding_the_screen() -> None:
    rows = {f"k{number}": {"a": number, "b": ["x" * 10] * 10} for number in range(10_000)}
    more = rows | {f"k{number}": {"a": -1} for number in range(3_000)}
    async with ViewsApp().run_test(size=(100, 20)) as pilot:
        app = await settled(pilot)
        app.inspector.show(frame(orjson.dumps({"setup": rows}), 1))
        app.inspector.mark()
        app.inspector.show(frame(orjson.dumps({"setup": more}), 2))
        app.inspector.mark()
        lines = (await settled(pilot)).lines()
        assert lines[1] == "~ setup.k0.a 0 → -1"
        assert (
            app.body.lines.line(len(app.body.lines) - 1)[0][0]
            == "… and more than 1,000 differences"
        )
