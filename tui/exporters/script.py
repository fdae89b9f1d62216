"""A session's inputs as a Python program that sends them again through google-genai.

The program is `tui.exporters.repeat`, read as text, with a function for each connection behind it.
What came over the wire stands in it as literals alone, sound and pictures beside it as files.
"""

from __future__ import annotations

import pprint
import re
import textwrap
import wave
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from tui.core import media, schema, wire
from tui.core.frame import Direction, Frame
from tui.core.journal import JournalError
from tui.exporters.destination import create
from tui.exporters.material import Material
from tui.exporters.pictures import blobs
from tui.exporters.pictures import name as picture_name

GAP_S = 0.5
"""Sound that pauses longer is two pieces of sound."""

_TOP = frozenset(
    {
        "responseModalities",
        "temperature",
        "topP",
        "topK",
        "maxOutputTokens",
        "mediaResolution",
        "seed",
        "speechConfig",
        "thinkingConfig",
        "enableAffectiveDialog",
        "translationConfig",
    }
)
"""What the SDK's config has at its top and the wire in ``generationConfig``."""


def export(material: Material, out: Path) -> None:
    """Write ``repeat.py`` and the folder ``media``."""
    (out / "media").mkdir(mode=0o700)
    with create(out / "repeat.py") as file:
        write_program(material, out, file)


def write_program(material: Material, folder: Path, file: BinaryIO) -> None:
    """Write the program into ``file``, its media into ``folder``."""
    file.write(resources.files(__package__).joinpath("repeat.py").read_bytes())
    with Program(material, folder, file) as program:
        rows = (row for row in range(material.rows) if _matters(material, row))
        for _, record in material.records(rows):
            if isinstance(record, Frame):
                program.take(record)
    if not program.connections:
        raise JournalError("There is no setup in this session: nothing can be repeated.")


def _matters(material: Material, row: int) -> bool:
    return material.log.directions[row] == ord("s") or not _ANCHORS.isdisjoint(
        material.log.kinds(row)
    )


_ANCHORS = frozenset({"setupComplete", "serverContent.turnComplete"})


class Code(str):
    """An expression that stands in a literal."""

    def __repr__(self) -> str:
        return str(self)


@dataclass
class Run:
    """Sound that is sent without a pause: one file, and the messages it was cut into."""

    file: str
    mime_type: str
    by: str
    begun_s: float
    last_s: float
    wav: wave.Wave_write
    sizes: list[list[int]] = field(default_factory=list)

    def goes_on(self, by: str, mime_type: str, mono_s: float) -> bool:
        """Whether the next message's sound belongs to it."""
        same = (self.by, self.mime_type) == (by, mime_type)
        return same and mono_s - self.last_s <= GAP_S

    def take(self, pcm: bytes, mono_s: float) -> None:
        """The next message's sound."""
        self.wav.writeframesraw(pcm)
        self.last_s = mono_s
        if self.sizes and self.sizes[-1][0] == len(pcm):
            self.sizes[-1][1] += 1
        else:
            self.sizes.append([len(pcm), 1])


class Program:
    """Writes the steps of one connection after the other, as their messages come."""

    def __init__(self, material: Material, folder: Path, file: BinaryIO) -> None:
        self._folder, self._file = folder, file
        self._anchor_s = 0.0
        self._turns = 0
        self._run: Run | None = None
        self._ends = ExitStack()
        self.connections: list[int] = []
        """Of each connection how many turns of the model were over."""

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *exc: object) -> None:
        """Write the end, unless something went wrong."""
        self._end_run()
        self._end_connection()
        self._write("\n\nif __name__ == '__main__':\n    main(\n        [\n")
        for at, turns in enumerate(self.connections, 1):
            self._write(f"            (MODEL_{at}, CONFIG_{at}, {turns}, connection_{at}),\n")
        self._write("        ]\n    )\n")

    def take(self, frame: Frame) -> None:
        """The next message, of either side."""
        if frame.direction is Direction.RECEIVE:
            self._received(frame)
            return
        try:
            message = wire.parse(frame.payload)
        except wire.Undecodable:
            message = {}
        said, unknown = schema.read(message, schema.client())
        if "setup" in said and isinstance(said["setup"], dict):
            self._begin_connection(said["setup"], frame)
        elif self.connections:
            self._sent(frame, message, said, known=len(said) == 1 and not unknown)

    def _received(self, frame: Frame) -> None:
        ended = any(f.kind == "serverContent.turnComplete" and f.value is True for f in frame.facts)
        begun = any(f.kind == "setupComplete" for f in frame.facts)
        if ended or begun:
            self._end_run()
            self._turns += ended
            self._anchor_s = frame.mono_s

    def _begin_connection(self, setup: dict[str, Any], frame: Frame) -> None:
        self._end_run()
        self._end_connection()
        self._turns, self._anchor_s = 0, frame.mono_s
        self.connections.append(0)
        at = len(self.connections)
        config = arguments(_flat(setup), _config(), lambda blob: self._load(blob, frame, 1))
        resumption = config.get("session_resumption")
        if isinstance(resumption, dict) and resumption.get("handle"):
            resumption["handle"] = Code("NEWEST")
        model = str(setup.get("model", ""))
        self._write(f"\n\nMODEL_{at} = {model!r}\n")
        self._write(f"CONFIG_{at}: dict[str, Any] = {literal(config)}\n\n\n")
        self._write(f"async def connection_{at}(live: Live) -> None:\n")
        self._write(f'    """What was sent over connection {at}."""\n')

    def _end_connection(self) -> None:
        if self.connections:
            self.connections[-1] = self._turns

    def _sent(
        self, frame: Frame, message: dict[str, Any], said: dict[str, Any], *, known: bool
    ) -> None:
        sound = _sound(said) if known else None
        if sound is not None and self._speak(frame, *sound):
            return
        if any(map(media.is_removed, blobs(message))):
            self._step(frame, "# sound or a picture was here, and was removed")
            return
        call = self._call(frame, said) if known else None
        if call is None:
            call = f"raw({frame.payload.decode('utf-8', 'replace')!r})"
        self._step(frame, f"await live.{call}")

    # ---- sound

    def _speak(self, frame: Frame, by: str, blob: dict[str, Any]) -> bool:
        """Put PCM into the file of its run; False for what is no PCM or no whole samples."""
        try:
            pcm = media.data_bytes(blob) if media.is_pcm(blob) else b""
        except ValueError:
            return False
        if not pcm or len(pcm) % media.BYTES_PER_SAMPLE:
            return False
        mime_type, run = str(blob["mimeType"]), self._run
        if run is None or not run.goes_on(by, mime_type, frame.mono_s):
            run = self._begin_run(frame, by, mime_type)
        run.take(pcm, frame.mono_s)
        return True

    def _begin_run(self, frame: Frame, by: str, mime_type: str) -> Run:
        self._end_run()
        name = f"media/{frame.seq:06}.wav"
        file = self._ends.enter_context(create(self._folder / name))
        wav = self._ends.enter_context(wave.open(file, "wb"))  # noqa: SIM115
        rate_hz = media.pcm_rate_hz(mime_type, media.INPUT_RATE_HZ)
        wav.setparams((1, media.BYTES_PER_SAMPLE, rate_hz, 0, "NONE", ""))
        self._run = Run(name, mime_type, by, frame.mono_s, frame.mono_s, wav)
        return self._run

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        self._ends.close()
        sizes = [tuple(each) for each in run.sizes]
        over_s = run.last_s - run.begun_s
        by = "" if run.by == "audio" else f", by={run.by!r}"
        self._wait(run.begun_s)
        self._write(
            f"    await live.speak(\n        {run.file!r}, {run.mime_type!r},"
            f"\n        {literal(sizes)}, {over_s:.3f}{by}\n    )\n"
        )

    # ---- all else

    def _call(self, frame: Frame, said: dict[str, Any]) -> str | None:
        """The SDK's way of sending this; None where it has none."""
        [(name, value)] = said.items()
        if not isinstance(value, dict):
            return None
        numbers = iter(range(1, 10_000))
        known = schema.client()[name].message or {}
        given = arguments(value, known, lambda blob: self._load(blob, frame, next(numbers)))
        if name == "clientContent":
            done = given.get("turn_complete") is True
            return f"content({literal(given.get('turns') or [])}, turn_complete={done})"
        if name == "toolResponse":
            return f"answer({literal(given.get('function_responses') or [])})"
        if name == "contextUpdate" and given:
            tools = given.pop("tools", None)
            if isinstance(tools, dict):
                given["tools"] = tools.get("tools") or []
            return f"context(**{literal(given)})"
        if name == "realtimeInput" and len(given) == 1:
            [(key, one)] = given.items()
            if key == "media_chunks":
                if not isinstance(one, list) or len(one) != 1:
                    return None
                key, one = "media", one[0]
            return f"realtime({key}={literal(one)})"
        return None

    def _load(self, blob: dict[str, Any], frame: Frame, number: int) -> Any:
        """The Blob's bytes as a file, and the expression that reads it."""
        try:
            data = media.data_bytes(blob)
        except ValueError:
            return blob["data"]
        name = f"media/{picture_name(frame.seq, number, data)}"
        with create(self._folder / name) as file:
            file.write(data)
        return Code(f"load({name!r})")

    def _step(self, frame: Frame, line: str) -> None:
        self._end_run()
        self._wait(frame.mono_s)
        self._write(textwrap.indent(line, "    ") + "\n")

    def _wait(self, mono_s: float) -> None:
        self._write(
            f"    await live.after({self._turns}, {max(0.0, mono_s - self._anchor_s):.3f})\n"
        )

    def _write(self, text: str) -> None:
        self._file.write(text.encode())


def literal(value: Any) -> str:
    """A Python literal; of what came over the wire nothing else is in the program."""
    return pprint.pformat(value, width=90, sort_dicts=False)


def arguments(
    value: dict[str, Any], known: schema.Message, load: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """A canonical message as the SDK's keyword arguments; what it does not know is left out."""
    if "mimeType" in known and isinstance(value.get("data"), str):
        return {"data": load(value), "mime_type": value.get("mimeType")}
    return {
        _snake(key): _argument(item, known[key], load)
        for key, item in value.items()
        if key in known and item is not None
    }


def _argument(item: Any, field: schema.Field, load: Callable[[dict[str, Any]], Any]) -> Any:
    message = field.message
    if message is None:
        return item
    if isinstance(item, list):
        return [arguments(each, message, load) if isinstance(each, dict) else each for each in item]
    if field.shape.endswith("{}") and isinstance(item, dict):
        return {
            key: arguments(each, message, load) if isinstance(each, dict) else each
            for key, each in item.items()
        }
    return arguments(item, message, load) if isinstance(item, dict) else item


def _snake(camel: str) -> str:
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), camel)


def _flat(setup: dict[str, Any]) -> dict[str, Any]:
    """The set-up as the SDK's config has it: most of ``generationConfig`` at the top."""
    generation = setup.get("generationConfig")
    generation = generation if isinstance(generation, dict) else {}
    rest = {key: item for key, item in generation.items() if key not in _TOP}
    top = {key: item for key, item in generation.items() if key in _TOP}
    others = {key: item for key, item in setup.items() if key not in ("model", "generationConfig")}
    return {**top, **({"generationConfig": rest} if rest else {}), **others}


@cache
def _config() -> schema.Message:
    """The fields of the SDK's config."""
    setup = schema.client()["setup"].message or {}
    generation = setup["generationConfig"].message or {}
    return {**{key: generation[key] for key in _TOP}, **setup}


def _sound(said: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The one Blob of sound in a message that holds nothing else, and the SDK's name for it."""
    given = said.get("realtimeInput")
    if not isinstance(given, dict) or len(given) != 1:
        return None
    [(name, value)] = given.items()
    if name == "audio" and isinstance(value, dict):
        return "audio", value
    if name == "mediaChunks" and isinstance(value, list) and len(value) == 1:
        return ("media", value[0]) if isinstance(value[0], dict) else None
    return None
