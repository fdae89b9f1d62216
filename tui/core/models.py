"""What a Live model can do, from the dated table `models.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from tui.core import wire

HALF_CASCADE_VOICES = 8
SPEECH = "generationConfig.speechConfig"
CONVERSATION, TRANSLATION, TRANSCRIPTION = "conversation", "translation", "transcription"


@dataclass(frozen=True, slots=True)
class Model:
    """The capabilities of one model; the fields are explained in `models.toml`."""

    name: str
    modalities: tuple[str, ...]
    client_content: str
    interrupt: str
    resumption: bool
    context_tokens: int
    output_tokens: int
    connection_s: float
    apis: tuple[str, ...]
    locations: tuple[str, ...]
    media_chunks: bool
    instruction: bool
    context_update: bool
    thinking: str
    thinking_levels: tuple[str, ...]
    affective: bool
    proactive: str
    async_tools: bool
    async_default: str
    refused_tools: tuple[str, ...]
    silence_duration: bool
    lacks: tuple[str, ...]
    voices: str
    understands: str
    limits: str
    aside: str
    source: tuple[str, ...]
    retired: str
    task: str
    summary: str
    listed: bool
    """False when the table does not know the model, and these are the cautious defaults."""

    @property
    def converses(self) -> bool:
        """Whether there are turns, so that somebody can hold a conversation with it."""
        return self.task == CONVERSATION

    def speaks(self, modality: str) -> bool:
        """Whether a session may ask for ``modality`` (TEXT or AUDIO)."""
        return modality in self.modalities


class ModelsError(ValueError):
    """Why a table of models cannot be used: one clause that names the key."""


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("models.toml").read_text("utf-8"))


_own: dict[str, Any] = {}
"""The user's rows and voices, over the shipped ones."""


def overlay(text: str) -> None:
    """Lay the user's own table over the shipped one; an empty text takes it away.

    It has the shape of `models.toml`: a row adds a model, or changes what it names of a known one.

    Raises:
        ModelsError: It is no such table, and nothing has changed.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelsError(f"it is no TOML: {error}") from None
    rows = document.pop("models", {})
    if not isinstance(rows, dict):
        raise ModelsError("`models` is no table")
    if text.strip() and not isinstance(document.get("dated"), str):
        raise ModelsError('`dated` is missing: add a line like dated = "2026-11-25"')
    if not _same_type(document.get("voices", []), [""]):
        raise ModelsError("`voices` is no list of names")
    if strange := document.keys() - {"dated", "voices"}:
        raise ModelsError(f"`{min(strange)}` is no key of it: it has dated, voices and models")
    for name, row in rows.items():
        _check(name, row)
    _own.clear()
    _own.update(document, models=rows)


def _check(name: str, row: Any) -> None:
    if not isinstance(row, dict):
        raise ModelsError(f"`models.{name}` is no table")
    for key, value in row.items():
        default = _shipped()["default"].get(key)
        if default is None:
            known = ", ".join(_shipped()["default"])
            raise ModelsError(f"`models.{name}.{key}` is no capability: there are {known}")
        if not _same_type(value, default or [""]):
            raise ModelsError(f"`models.{name}.{key}` must be like {_example(default)}")


def _same_type(value: Any, like: Any) -> bool:
    if isinstance(like, list):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, type(like)) and isinstance(value, bool) == isinstance(like, bool)


def _example(default: Any) -> str:
    if isinstance(default, bool):
        return "true or false"
    return (
        f'["{default[0] if default else "NAME"}"]'
        if isinstance(default, list)
        else (f'"{default}"' if isinstance(default, str) else str(default))
    )


def dated() -> tuple[str, str]:
    """The dates of the shipped table, and of the user's own; empty where there is none."""
    return _shipped()["dated"], _own.get("dated", "")


def model(name: str) -> Model:
    """The model's capabilities; ``name`` may carry a resource path (``models/…``)."""
    short = name.rpartition("/")[2]
    row, own = _shipped()["models"].get(short), _own.get("models", {}).get(short)
    values = {**_shipped()["default"], **(row or {}), **(own or {})}
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    listed = row is not None or own is not None
    return Model(name=short, listed=listed, **{**values, **lists})


def task(model_: Model, setup: Mapping[str, Any]) -> str:
    """What a session is for: the model's task, unless an unknown model is asked to translate."""
    config = setup.get("generationConfig")
    translates = isinstance(config, dict) and isinstance(config.get("translationConfig"), dict)
    return TRANSLATION if translates and not model_.listed else model_.task


def asked(payload: bytes) -> str:
    """The name of the model that a set-up asks for; empty where the message is none."""
    for fact in wire.decode(payload, "send"):
        if fact.kind == "setup" and isinstance(fact.value, dict):
            name = fact.value.get("model")
            return model(name).name if isinstance(name, str) else ""
    return ""


def names() -> list[str]:
    """The listed models, in the table's order."""
    return [*{**_shipped()["models"], **_own.get("models", {})}]


def voices(model_: Model | None = None) -> list[str]:
    """The names of the prebuilt voices, and of the user's own; those that a model has."""
    shipped = _shipped()["voices"]
    if model_ is not None and SPEECH in model_.lacks:
        return []
    if model_ is not None and model_.voices == "half-cascade":
        shipped = shipped[:HALF_CASCADE_VOICES]
    return list(dict.fromkeys([*shipped, *_own.get("voices", [])]))


def languages() -> list[str]:
    """The languages that a voice may be asked to have."""
    return list(_shipped()["languages"])


def against(model_: Model, origin: str) -> str:
    """Why a model is not to be had of a service, in a clause; empty where it may be.

    ``origin`` is "gemini", "vertex" or "emulator", which plays those that are shut down.
    """
    if origin != "emulator":
        if model_.retired:
            return f"shut down at Google {model_.retired}"
        if model_.aside:
            return model_.aside
    service = "vertex" if origin == "vertex" else "gemini"
    if service in model_.apis:
        return ""
    return "only Vertex AI has it" if "vertex" in model_.apis else "Vertex AI does not have it"


def offered(origin: str) -> list[str]:
    """The listed models that a service has: conversations first, the newest of them first."""
    there = [model(name) for name in reversed(names()) if not against(model(name), origin)]
    return [each.name for each in sorted(there, key=lambda each: not each.converses)]
