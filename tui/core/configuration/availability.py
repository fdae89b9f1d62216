"""Whether a field means anything with a model, and what it takes to change it."""

from __future__ import annotations

from collections.abc import Callable

from tui.core import models
from tui.core.configuration.field import Field
from tui.core.configuration.message import Configuration
from tui.core.models import TRANSLATION, Model

_SERVICES = {"vertex": "Vertex AI", "gemini": "the Gemini API"}
LIVE, RECONNECT = "live", "needs reconnect"


def reason(each: Field, model: Model, configuration: Configuration, origin: str) -> str:
    """Why the field is not to be had, in a clause; empty where it is.

    ``origin`` is the service: "gemini", "vertex" or "emulator".
    """
    if each.name == "model":
        return models.against(model, origin)
    if each.kind == "tool":
        kind = each.path[6:-1]
        return f"{model.name} has no {each.label}" if kind in model.refused_tools else ""
    if each.needs in _SERVICES and each.needs != ("vertex" if origin == "vertex" else "gemini"):
        return f"only {_SERVICES[each.needs]} has it"
    if any(f"{each.path}.".startswith(f"{lacked}.") for lacked in model.lacks):
        return f"{model.name} does not have it"
    if each.needs == "speech":
        return "answers are written" if configuration.get("modality") == "text" else ""
    if each.needs in ("detection", "silence") and configuration.manual:
        return "push to talk is on"
    if each.needs == "compression":
        return "" if configuration.get("compression") else "compression is off"
    why = _NEEDS[each.needs](model) if each.needs in _NEEDS else ""
    if each.name == "thinking_level" and not why:
        return _level(str(configuration.get(each.name) or ""), model)
    return why


def change(each: Field, model: Model) -> str:
    """What it takes to change the field in mid-session: `LIVE` or `RECONNECT`."""
    told = each.live == "contextUpdate" and model.context_update
    return LIVE if told or each.live == "always" else RECONNECT


def _thinking(takes: str) -> Callable[[Model], str]:
    def why(model: Model) -> str:
        if model.thinking in ("any", takes) or (takes == "any" and model.thinking != "none"):
            return ""
        instead = {"none": "no thinkingConfig", "level": "thinking level", "budget": "a budget"}
        return f"{model.name} takes {instead[model.thinking]}"

    return why


def _level(chosen: str, model: Model) -> str:
    """Not every model has every level."""
    if not chosen or chosen.upper() in model.thinking_levels:
        return ""
    return f"{model.name} has {', '.join(model.thinking_levels).lower()}"


def _resumption(model: Model) -> str:
    return "" if model.resumption else f"{model.name} gives no handles"


def _affective(model: Model) -> str:
    return "" if model.affective else f"{model.name} has no affective dialog"


def _proactive(model: Model) -> str:
    why = {"always": f"always on with {model.name}", "none": f"{model.name} does not have it"}
    return why.get(model.proactive, "")


def _silence(model: Model) -> str:
    return "" if model.silence_duration else f"{model.name} ignores it"


def _translation(model: Model) -> str:
    return f"{model.name} does not translate" if model.listed and model.task != TRANSLATION else ""


def _instruction(model: Model) -> str:
    return "" if model.instruction else f"{model.name} takes no instruction"


_NEEDS: dict[str, Callable[[Model], str]] = {
    "thinking-level": _thinking("level"),
    "thinking-budget": _thinking("budget"),
    "thinking": _thinking("any"),
    "resumption": _resumption,
    "affective": _affective,
    "proactive": _proactive,
    "silence": _silence,
    "instruction": _instruction,
    "translation": _translation,
}
