"""Files of tools, good and bad."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tui.core.tool import Tool, ToolsError, of_json
from tui.tools import program
from tui.tools.toolkit import Toolkit


def load(*files: Path) -> list[Tool]:
    return asyncio.run(Toolkit(files).load(print))


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
    with pytest.raises(
        ToolsError, match="f is declared twice, by a file of declarations: leave one out"
    ):
        load(tmp_path / "a.json", tmp_path / "b.json")
    with pytest.raises(ToolsError, match=r"none\.py cannot be read"):
        load(tmp_path / "none.py")


FUNCTIONS = """
import os, subprocess, time
def circular():
    ring = {}
    ring["ring"] = ring
    return ring
def nan(): return float("nan")
def recursion(): return recursion()
def junk(): return b"abc"
def halves(): return "\\ud800"
def says_halves(): raise ValueError("\\ud800")
def killed(): os.kill(os.getpid(), 9)
def mute():
    class Odd(Exception):
        def __str__(self): raise RuntimeError
    raise Odd
def asks(): return input("name? ")
def huge(): return "x" * 50_000_000
def hangs(): subprocess.run(["sleep", "30"])
def floods():
    for _ in range(200): print("x" * 100_000)
    os.write(1, b"raw")
    return {"done": True}
def leaves():
    subprocess.Popen(["sleep", "3"])
    return {"done": True}
"""
BAD_RESULTS = {
    "circular": "circular raised ValueError: Circular reference",
    "nan": "nan raised ValueError",
    "recursion": "recursion raised RecursionError",
    "junk": "junk raised TypeError: Object of type bytes",
    "halves": "halves raised UnicodeEncodeError",
    "says_halves": "says_halves raised ValueError: ?",
    "killed": "killed crashed (exit code -9)",
    "mute": "mute crashed (exit code 1)",
    "asks": "asks raised EOFError",
    "huge": "huge returned more than 1 MiB",
    "hangs": "hangs took longer than 1 s and was ended",
    "none": "none raised AttributeError",
}


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tools") / "functions.py"
    path.write_text(FUNCTIONS)
    return str(path)


@pytest.mark.parametrize(("name", "words"), BAD_RESULTS.items())
async def test_a_function_that_misbehaves_is_a_sentence(
    functions: str, name: str, words: str
) -> None:
    with pytest.raises(ToolsError) as failed:
        await program.run(functions, name, {}, 1.0 if name == "hangs" else 20.0)
    assert words in str(failed.value)


async def test_what_is_printed_is_no_part_of_the_result(functions: str) -> None:
    ran = await program.run(functions, "floods")
    assert ran.result == {"done": True}
    assert ran.printed == "x" * program.PRINTED_BYTES


async def test_what_a_function_leaves_behind_is_not_waited_for(functions: str) -> None:
    assert (await program.run(functions, "leaves", limit_s=2.5)).result == {"done": True}
