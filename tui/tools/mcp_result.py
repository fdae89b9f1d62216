"""What an MCP server has returned, as the response that the model gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def response(result: Mapping[str, Any]) -> dict[str, Any]:
    """Of a `CallToolResult`: its structured content, which its text only repeats, else its text.

    The model is told what it does not get: pictures, sound and files.
    """
    structured, blocks = result.get("structuredContent"), result.get("content") or ()
    if structured is None:
        return {"result": "\n".join(map(_said, blocks))}
    response = dict(structured) if isinstance(structured, dict) else {"result": structured}
    besides = [_said(block) for block in blocks if block.get("type") != "text"]
    return response | ({"besides": besides} if besides else {})


def _said(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "text":
            return str(block.get("text", ""))
        case "resource":
            resource = block.get("resource") or {}
            if "text" in resource:
                return str(resource["text"])
            return _left_out("a file", resource.get("mimeType"), resource.get("blob"))
        case "resource_link":
            return f"{block.get('title') or block.get('name')}: {block.get('uri')}"
        case kind:
            return _left_out(str(kind), block.get("mimeType"), block.get("data"))


def _left_out(what: str, mime_type: Any, data: Any) -> str:
    size = len(data) * 3 // 4 if isinstance(data, str) else 0
    return f"[{what}, {mime_type or 'of no type'}, {size:,} bytes: not passed on]"
