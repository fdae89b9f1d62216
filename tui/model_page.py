"""All that is known of one model, a line a fact."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from tui.core import models
from tui.core.cost import Price
from tui.core.models import Model
from tui.core.text import safe

WIDTH = 100
"""Of a page that goes to no terminal."""
LABEL = 14
_TOOLS = {
    "functionDeclarations": "functions",
    "googleSearch": "search",
    "codeExecution": "code",
    "urlContext": "urls",
    "googleMaps": "maps",
}
_CONTENT = {
    "any": "any time",
    "history": "only to seed the history; later it is refused",
    "none": "not at all: it takes no text",
}
_INTERRUPT = {
    "clientContent": "speech, or clientContent with turnComplete false",
    "local": "speech alone; a key silences only the speaker",
}
_ALWAYS = {"choice": "may be asked for", "always": "always on", "none": "no"}


def lines(model: Model, price: Price | None, mine: str, origin: str) -> Iterator[tuple[str, str]]:
    """What it is, what it takes, what it does, what it costs, and where that is known from."""
    dated, own = models.dated()
    yield safe(model.name), ""
    yield "is", safe(model.summary)
    yield "task", model.task if model.converses else f"{model.task}: there are no turns"
    yield "served by", ", ".join(model.apis) + _at(model.locations)
    yield "not here", models.against(model, origin)
    yield "your key", {"-": "nobody was asked"}.get(mine, mine)
    yield "answers with", " or ".join(model.modalities)
    yield "text", _CONTENT[model.client_content]
    yield "instruction", yes(model.instruction) + (", changed live" if model.context_update else "")
    if model.converses:
        yield "stopped by", _INTERRUPT[model.interrupt]
    yield "thinking", _thinking(model)
    yield "tools", tools(model) + ("" if model.async_tools else "; functions are waited for")
    yield "proactive", _ALWAYS[model.proactive]
    yield "affective", yes(model.affective)
    yield "lacks", ", ".join(model.lacks)
    yield "understands", safe(model.understands) if model.listed else "n/a"
    yield "voices", ", ".join(models.voices(model)) or "none to choose"
    if models.voices(model):
        yield "their language", ", ".join(models.languages())
    yield "context", f"{model.context_tokens:,} tokens, {model.output_tokens:,} of them an answer"
    yield "connection", f"{model.connection_s / 60:.0f} minutes, goAway a minute before"
    limits = safe(model.limits) if model.listed else "n/a"
    yield "session", limits + ("; resumed by handles" if model.resumption else "")
    yield "price", _price(price)
    yield "source", safe("; ".join(model.source)) if model.listed else "none: cautious defaults"
    yield "dated", f"{dated}, your own {safe(own)}" if own else dated


def wrapped(page: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Label and text, which goes on below itself; a line without text is a heading."""
    room = max(20, min(width, WIDTH) - LABEL - 4)
    for number, (label, text) in enumerate(page):
        if not number:
            yield label
        first, *more = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
        if first:
            yield f"  {label:<{LABEL}}  {first}"
        yield from (f"  {'':<{LABEL}}  {line}" for line in more)


def tools(model: Model) -> str:
    """What it may call."""
    there = [word for kind, word in _TOOLS.items() if kind not in model.refused_tools]
    return ",".join(there) or "none"


def yes(has: bool) -> str:
    """In a word."""
    return "yes" if has else "no"


def _at(locations: Iterable[str]) -> str:
    where = ", ".join(locations)
    return f" ({where})" if where else ""


def _thinking(model: Model) -> str:
    if model.thinking == "none":
        return "takes no thinkingConfig"
    levels = ", ".join(model.thinking_levels).lower()
    return {"level": levels, "budget": "a budget of tokens"}.get(
        model.thinking, "a level or budget"
    )


def _price(price: Price | None) -> str:
    """Dollars for a million tokens, by what they are."""
    if price is None:
        return "n/a"
    said = (f"{_each(by)} {way}" for way, by in (("in", price.input), ("out", price.output)) if by)
    source = f" ({safe(price.source)})" if price.source else ""
    return f"{'; '.join(said)}; $ for a million tokens{source}"


def _each(by: Mapping[str, float]) -> str:
    return ", ".join(f"{name.lower()} {dollars:g}" for name, dollars in by.items())
