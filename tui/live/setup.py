"""What a session asks for, and the SDK's config for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tui.core import models
from tui.core.attachment import Prefilled
from tui.core.configuration.message import Configuration, compose
from tui.core.models import Model
from tui.core.tool import Tool, declared
from tui.core.turn import Turn

if TYPE_CHECKING:
    from google.genai.types import Content, LiveConnectConfig

VIEWS = ("audio", "text view", "text")
"""How answers are received. "text view" is an AUDIO session whose sound is discarded."""


def modality(view: str) -> str:
    """The response modality that a view needs in the setup."""
    return "TEXT" if view == "text" else "AUDIO"


def views(model: Model) -> tuple[str, ...]:
    """The views that a model allows, in the order in which they are cycled through."""
    return tuple(
        view
        for view in VIEWS
        if model.speaks(modality(view)) and not (view == "text view" and not model.speaks("AUDIO"))
    )


@dataclass(frozen=True)
class Wish:
    """What the person has chosen for the session."""

    model: str
    view: str = "audio"
    configuration: Configuration = field(default_factory=Configuration)
    """The rest; its own model and modality do not count."""
    tools: tuple[Tool, ...] = ()
    """Functions that the model is offered besides those of the configuration."""

    @property
    def asked(self) -> Configuration:
        """All of it as one configuration."""
        view = self.view.replace(" ", "-")
        return self.configuration.with_values(model=self.model.rpartition("/")[2], modality=view)

    @property
    def setup(self) -> dict[str, Any]:
        """The set-up that it makes, without a handle."""
        setup = compose(self.asked, models.model(self.model))
        if self.tools:
            setup["tools"] = [*setup.get("tools", []), *declared(self.tools)]
        return setup

    def with_values(self, **values: Any) -> Wish:
        """The same with these values of fields."""
        return replace(self, configuration=self.configuration.with_values(**values))


def live_config(wish: Wish, handle: str | None, *, seeds: bool = True) -> LiveConnectConfig:
    """The SDK's config of a wish.

    Who announces history and sends none waits in vain: the server waits for its end (protocol,
    3.1). So it is announced only where it ``seeds``.

    Raises:
        ValueError: The SDK cannot send it; pydantic's own error.
    """
    setup = wish.setup
    if handle and "sessionResumption" in setup:
        setup["sessionResumption"] = {**setup["sessionResumption"], "handle": handle}
    if not seeds:
        setup.pop("historyConfig", None)
    return sdk_config(setup)


def sdk_config(setup: Mapping[str, Any]) -> LiveConnectConfig:
    """A set-up in the SDK's current form: most of ``generation_config`` has fields of its own."""
    from google.genai import types

    known = {each.alias or name for name, each in types.LiveConnectConfig.model_fields.items()}
    rest = {name: value for name, value in setup.items() if name != "model"}
    generation = dict(rest.pop("generationConfig", None) or {})
    own = {name: generation.pop(name) for name in [*generation] if name in known}
    if generation:
        rest["generationConfig"] = generation
    return types.LiveConnectConfig.model_validate({**rest, **own})


def history(turns: Sequence[Turn], waiting: Sequence[Prefilled] = ()) -> list[Content]:
    """What was said so far, and was laid down to wait, for a connection that remembers nothing.

    Sound and pictures are not said again.
    """
    from google.genai import types

    said: list[tuple[str, str]] = []
    for turn in turns:
        said += [(each.role, each.enclosed + each.text) for each in turn.prefilled]
        if turn.user and turn.answer:
            said += [("user", turn.enclosed + turn.user), ("model", turn.answer)]
    said += [(each.role, each.enclosed + each.text) for each in waiting]
    return [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in said if text]
