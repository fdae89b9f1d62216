"""Files of tools, good and bad."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tui.core.tool import Tool, ToolsError, of_json
from tui.tools.toolkit import Toolkit


def load(*files: Path) -> list[Tool]:
    return asyncio.run(Toolkit(files).load())


BAD_PYTHON = {
    "def f(:": "raised SyntaxError",
    "import no_such_module_here": "raised ModuleNotFoundError",
    "raise SystemExit(3)": "raised SystemExit",
    "x = 1": "no function",
    "import os; os._exit(9)": "crashed (exit code 9)",
}
BAD_JSON = {
    "{": "no JSON",
    "[]": "no list of functions",
    "[3]": "function 1 is no object",
    '[{"name": "a b"}]': "no name of letters",
    '[{"name": "f", "answer": 1}]': "f has answer",
    '[{"name": "f", "reply": 3}]': "reply of f is no object",
    '[{"name": "f", "delay": -1}]': "delay of f is not from 0",
    '[{"name": "f", "scheduling": "LATER"}]': "scheduling of f is none of",
}


def test_annotated_functions_become_declarations(tmp_path: Path) -> None:
    path = tmp_path / "lamp.py"
    path.write_text(
        "print('hello')\nfrom json import dumps\ndef _own(): pass\n"
        'def dim(level: int, room: str = "hall") -> str:\n    """Dim a lamp."""\n'
    )
    [tool] = load(path)
    assert (tool.name, tool.declaration["description"]) == ("dim", "Dim a lamp.")
    parameters = tool.declaration["parameters"]
    assert parameters["properties"]["level"]["type"] == "INTEGER"
    assert parameters["required"] == ["level"]


@pytest.mark.parametrize(("text", "words"), BAD_PYTHON.items())
def test_a_python_file_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(ToolsError, match=r"bad\.py cannot be used") as refused:
        load(path)
    assert words in str(refused.value)


@pytest.mark.parametrize(("text", "words"), BAD_JSON.items())
def test_declarations_that_are_none_are_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ToolsError) as refused:
        of_json(text.encode())
    assert words in str(refused.value)


def test_a_name_is_declared_once_in_all_files(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps([{"name": "f", "reply": {}}]))
    with pytest.raises(ToolsError, match="f is declared twice"):
        load(tmp_path / "a.json", tmp_path / "b.json")
    with pytest.raises(ToolsError, match=r"none\.py cannot be read"):
        load(tmp_path / "none.py")
