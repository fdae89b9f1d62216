"""Which model answers a setup, and what of the setup that model refuses whatever its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui.core.lint.setup import NOT_IN_LIVE
from tui.core.models import TRANSLATION, Model
from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.terms.profiles import Profile, lacking, profile

STRUCTURED = ("responseJsonSchema", "responseFormat")
"""Younger names of what `NOT_IN_LIVE` has."""
ALPHA = {"generationConfig": "enableAffectiveDialog", "": "proactivity"}
"""Fields of native audio which the Gemini API has in v1alpha only, by their parents."""


def admitted(setup: Fields, endpoint: Endpoint, model: str = "") -> Profile:
    """Who answers: ``model`` if there is one, else whom the client names.

    Raises `Refusal` for a model that the called service does not have, and for fields that
    neither the service nor the model takes.
    """
    name = setup.text("model")
    if not name:
        raise refusal.invalid_argument()
    chosen = profile(model or name.rpartition("/")[2])
    if chosen is None or not (model or _served(chosen.model, name, endpoint)):
        raise (
            refusal.publisher_model_not_found(name)
            if endpoint.vertex
            else refusal.model_not_found(name, endpoint.version)
        )
    _refuse_unknown(setup, endpoint, chosen)
    _refuse_capabilities(setup, endpoint, chosen)
    return chosen


def refuse_tools(tools: Iterable[Fields], model: Model) -> None:
    """Raises `Refusal` for a kind of tool that the model does not have."""
    if any(tool.has(kind) for tool in tools for kind in model.refused_tools):
        raise refusal.invalid_argument()


def _served(model: Model, name: str, endpoint: Endpoint) -> bool:
    """Whether the service has it, and has it where the client asks for it."""
    if ("vertex" if endpoint.vertex else "gemini") not in model.apis:
        return False
    location = name.partition("/locations/")[2].partition("/")[0]
    return not (location and model.locations) or location in model.locations


def _refuse_unknown(setup: Fields, endpoint: Endpoint, chosen: Profile) -> None:
    for path in lacking(vertex=endpoint.vertex):
        if _given(setup.raw, path.split(".")):
            raise refusal.unknown_field(f"setup.{path}")
    if chosen.alpha and not endpoint.vertex and endpoint.version != "v1alpha":
        for parent, name in ALPHA.items():
            if (setup.object(parent) if parent else setup).has(name):
                raise refusal.unknown_field(".".join(filter(None, ("setup", parent, name))))


def _refuse_capabilities(setup: Fields, endpoint: Endpoint, chosen: Profile) -> None:
    model, config = chosen.model, setup.object("generationConfig")
    affective = model.affective or (endpoint.vertex and chosen.affective_on_vertex)
    unwanted = (
        any(config.has(name) for name in (*NOT_IN_LIVE, *STRUCTURED)),
        config.has("enableAffectiveDialog") and not affective,
        config.object("translationConfig").given and chosen.model.task != TRANSLATION,
        setup.object("systemInstruction").given and not model.instruction,
        setup.object("avatarConfig").given and not (endpoint.vertex and chosen.avatar),
    )
    if any(unwanted):
        raise refusal.invalid_argument()
    resumption = setup.object("sessionResumption").raw
    if not chosen.null_handle and resumption.get("handle", "") is None:
        raise refusal.invalid_argument()
    refuse_tools(setup.objects("tools"), model)
    _refuse_proactivity(setup.object("proactivity"), model)
    _refuse_thinking(config.object("thinkingConfig"), model)


def _refuse_proactivity(proactivity: Fields, model: Model) -> None:
    audio = proactivity.flag("proactiveAudio")
    always = model.proactive == "always"
    if always and proactivity.has("proactiveAudio") and not audio:
        raise refusal.invalid_argument()
    wanted = audio or proactivity.flag("proactiveVideo")
    if wanted and (model.proactive == "none" or not (audio or always)):
        raise refusal.invalid_argument()


def _refuse_thinking(thinking: Fields, model: Model) -> None:
    if not thinking.given:
        return
    level = thinking.text("thinkingLevel")
    named = bool(level) and not level.endswith("_UNSPECIFIED")
    budget = thinking.whole("thinkingBudget")
    if (
        model.thinking == "none"
        or (model.thinking == "level" and budget is not None)
        or (model.thinking == "budget" and named)
        or (named and level not in model.thinking_levels)
        or (budget is not None and budget < -1)
    ):
        raise refusal.invalid_argument()


def _given(value: Any, path: Sequence[str]) -> bool:
    """Whether there is something at the path, in any element of the lists on its way."""
    if not path:
        return value is not None
    if isinstance(value, list):
        return any(_given(one, path) for one in value)
    return isinstance(value, Mapping) and _given(value.get(path[0]), path[1:])
