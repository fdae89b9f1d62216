"""A message as code that sends it again: Python, JavaScript, a shell."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tui.core import wire
from tui.core.json_tree import escaped
from tui.core.sdk_call import CONNECT, DEEPEST, NoCall, call
from tui.core.text import safe

ENDPOINT = (
    "wss://generativelanguage.googleapis.com/ws/"
    "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
)

ANSWER_S = 10
"""How long the shell waits for the answer."""

_LINE_CHARS = 100


def python(message: Mapping[str, Any], sent: bool) -> str:
    """google-genai's call that makes a client's message; a dict of a server's.

    Raises:
        ValueError: The message nests too deep for Python.
    """
    if not sent:
        return f"message = {_literal(message, 0)}\n"
    try:
        made_by = call(message)
    except NoCall as error:
        return (
            f"# No call of google-genai makes this message: {safe(str(error))}.\nimport json\n\n"
            f"await session._ws.send(json.dumps({_literal(message, 0)}))\n"
        )
    if made_by.method == CONNECT:
        head = "async with client.aio.live.connect("
        tail = ") as session:\n    ...\n"
    else:
        head, tail = f"await session.{made_by.method}(", ")\n"
    lines = [f"    {name}={_literal(value, 1)},\n" for name, value in made_by.arguments.items()]
    code = f"{head}\n{''.join(lines)}{tail}"
    return f"import base64\n\n{code}" if "base64.b64decode(" in code else code


def javascript(message: Mapping[str, Any], sent: bool) -> str:
    """A WebSocket's ``send`` of a client's message; an object of a server's.

    Raises:
        ValueError: The message nests deeper than 254 levels.
    """
    text = _json(wire.canonical(dict(message)), orjson.OPT_INDENT_2)
    if '"__proto__"' in text:  # in a literal it would set the prototype
        text = f"JSON.parse({_json(text)})"
    return f"ws.send(JSON.stringify({text}));\n" if sent else f"const message = {text};\n"


def shell(message: Mapping[str, Any], sent: bool, setup: Mapping[str, Any] | None = None) -> str:
    """A line that sends the session's set-up and a client's message with websocat.

    A server's message is handed to jq. The key is taken from ``GEMINI_API_KEY``.

    Args:
        message: as on the wire.
        sent: by a client.
        setup: the message that the session began with; None leaves it out.

    Raises:
        ValueError: The message nests deeper than 254 levels.
    """
    if not sent:
        return f"printf '%s\\n' {_quoted(message)} | jq .\n"
    setting_up = [] if setup is None or "setup" in message else [_quoted(setup)]
    steps: list[str] = []
    for each in [*setting_up, _quoted(message)]:
        steps += [f"printf '%s\\n' {each}", "sleep 2"]
    steps[-1] = f"sleep {ANSWER_S}"
    return f'{{ {"; ".join(steps)}; }} | websocat "{ENDPOINT}?key=$GEMINI_API_KEY"\n'


def _quoted(message: Mapping[str, Any]) -> str:
    return shlex.quote(_json(message))


def _json(value: Any, option: int = 0) -> str:
    """JSON in which nothing acts on a terminal."""
    try:
        return escaped(orjson.dumps(value, option=option).decode())
    except orjson.JSONEncodeError as error:
        raise ValueError("The message nests too deep to be written.") from error


def _literal(value: Any, level: int) -> str:
    """A Python literal, broken into lines where it is long; bytes as base64."""
    if level > DEEPEST:
        raise ValueError("The message nests too deep to be written as Python.")
    if isinstance(value, bytes):
        return f'base64.b64decode("{base64.b64encode(value).decode()}")'
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, (Mapping, list)):
        return repr(value)
    items = [*_items(value, level + 1)]
    left, right = "{}" if isinstance(value, Mapping) else "[]"
    line = f"{left}{', '.join(items)}{right}"
    if len(line) + 4 * level <= _LINE_CHARS and "\n" not in line:
        return line
    indent = "    " * (level + 1)
    body = "".join(f"{indent}{item},\n" for item in items)
    return f"{left}\n{body}{indent[4:]}{right}"


def _items(value: Mapping[str, Any] | list[Any], level: int) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield _literal(each, level)
        return
    for key, each in value.items():
        yield f"{_text(key)}: {_literal(each, level)}"


def _text(value: str) -> str:
    """A string literal in which nothing acts on a terminal or hides."""
    text = repr(value)
    if safe(text) == text:
        return text
    return "".join(char if safe(char) == char else _escape(ord(char)) for char in text)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
