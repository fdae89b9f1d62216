"""Runs a user's file in a process of its own: ``child FILE`` declares, ``child FILE NAME`` calls.

The result is JSON on what was standard output; what the file prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import os
import sys
from types import ModuleType
from typing import Any


def main(path: str, name: str = "") -> None:
    """Declare or call; whatever the file raises ends the process with its sentence as result."""
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    arguments = json.load(sys.stdin) if name else {}
    try:
        module = _loaded(path)
        result = _called(module, name, arguments) if name else _declared(module)
        written = json.dumps({"result": result}, allow_nan=False, ensure_ascii=False).encode()
    except (Exception, SystemExit) as error:
        words = f"{type(error).__name__}: {error}"[:500].encode("utf-8", "replace").decode()
        written = json.dumps({"problem": words}).encode()
    sys.stdout.flush()
    results.write(written)
    results.flush()
    os._exit(0)  # threads that the file has left behind would hold the process


def _loaded(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_file", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tools_file"] = module
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120
    spec.loader.exec_module(module)
    return module


def _declared(module: ModuleType) -> list[dict[str, Any]]:
    from google.genai import types

    return [
        types.FunctionDeclaration.from_callable_with_api_option(callable=each).model_dump(
            mode="json", by_alias=True, exclude_none=True
        )
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == "tools_file" and name[0] != "_"
    ]


def _called(module: ModuleType, name: str, arguments: dict[str, Any]) -> Any:
    result = getattr(module, name)(**arguments)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


if __name__ == "__main__":
    main(*sys.argv[1:])
