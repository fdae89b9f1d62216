"""What a Live model can do, from the dated table `models.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Model:
    """The capabilities of one model; the fields are explained in `models.toml`."""

    name: str
    modalities: tuple[str, ...]
    client_content: str
    interrupt: str
    resumption: bool
    context_tokens: int
    connection_s: float
    media_chunks: bool
    thinking: str
    affective: bool
    proactive: str
    async_tools: bool
    context_update: bool
    refused_tools: tuple[str, ...]
    silence_duration: bool
    retired: str
    converses: bool
    summary: str
    listed: bool
    """False when the table does not know the model, and these are the cautious defaults."""

    def speaks(self, modality: str) -> bool:
        """Whether a session may ask for ``modality`` (TEXT or AUDIO)."""
        return modality in self.modalities


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("models.toml").read_text("utf-8"))


def model(name: str) -> Model:
    """The model's capabilities; ``name`` may carry a resource path (``models/…``)."""
    short = name.rpartition("/")[2]
    row = _table()["models"].get(short)
    values = {**_table()["default"], **(row or {})}
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Model(name=short, listed=row is not None, **{**values, **lists})


def names() -> list[str]:
    """The listed models that hold conversations, in the table's order."""
    return [name for name in _table()["models"] if model(name).converses]


def voices() -> list[str]:
    """The names of the prebuilt voices."""
    return list(_table()["voices"])
