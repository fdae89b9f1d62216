"""The paths of the service and the two dialects that are spoken there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_GEMINI = re.compile(
    r"/ws/google\.ai\.generativelanguage\.(v1|v1beta|v1alpha)\.GenerativeService"
    r"\.BidiGenerateContent(Constrained)?"
)
_VERTEX = re.compile(
    r"/ws/google\.cloud\.aiplatform\.(v1|v1beta1)\.LlmBidiService/BidiGenerateContent"
)
_FIREBASE = re.compile(
    r"/ws/google\.firebase\.vertexai\.(v1beta|v1alpha)\."
    r"(?:GenerativeService/BidiGenerateContent"
    r"|(?P<vertex>LlmBidiService)/BidiGenerateContent/locations/[\w-]+)"
)
"""Firebase's own service in front of either (firebase-js-sdk, packages/ai/src/requests)."""

_NONE: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which service a client has called: the Gemini API or Vertex AI, and its version."""

    version: str = "v1beta"
    vertex: bool = False
    constrained: bool = False
    """The method for ephemeral tokens."""
    bare: bool = False
    """The address without a path, where nobody is asked for a credential."""

    @classmethod
    def at(cls, path: str) -> Endpoint | None:
        """The endpoint at a request's path, with or without a query; None for any other path.

        The SDKs join base URL and path with a second slash (google-genai 3.4.0, @google/genai
        2.32.0), so slashes in front are one.
        """
        path = "/" + path.partition("?")[0].lstrip("/")
        if path == "/":
            return cls(bare=True)
        if found := _GEMINI.fullmatch(path):
            return cls(found[1], constrained=bool(found[2]))
        if found := _VERTEX.fullmatch(path):
            return cls(found[1], vertex=True)
        if found := _FIREBASE.fullmatch(path):
            return cls(found[1], vertex=found["vertex"] is not None)
        return None

    def setup_complete(self, session_id: str) -> dict[str, Any]:
        """The answer to setup."""
        return {"setupComplete": {"sessionId": session_id} if self.vertex else {}}

    def usage(
        self,
        prompt: Mapping[str, int],
        response: Mapping[str, int],
        tools: Mapping[str, int] = _NONE,
        thoughts: int = 0,
    ) -> dict[str, Any]:
        """`usageMetadata` from the tokens of each modality, and of thoughts.

        ``tools`` are those of what tools have given to the model; they are no part of the prompt.
        """
        name = "candidates" if self.vertex else "response"
        before, after, given = (sum(one.values()) for one in (prompt, response, tools))
        counts = {
            "promptTokenCount": before,
            f"{name}TokenCount": after,
            "toolUsePromptTokenCount": given,
            "thoughtsTokenCount": thoughts,
            "totalTokenCount": before + after + given + thoughts,
            "promptTokensDetails": _details(prompt),
            f"{name}TokensDetails": _details(response),
            "toolUsePromptTokensDetails": _details(tools),
        }
        usage = {key: value for key, value in counts.items() if value}  # proto3 omits defaults
        return usage | ({"trafficType": "ON_DEMAND"} if self.vertex else {})


def _details(tokens: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"modality": name, "tokenCount": count} for name, count in tokens.items() if count]
