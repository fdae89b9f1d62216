"""Which Live models the key of the environment may use: ListModels, by the SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tui.core.secrets import Mask
from tui.live.endpoint import Endpoint, from_environment

METHOD = "bidiGenerateContent"
"""What a Live model's supported methods contain."""
TIMEOUT_MS = 15_000


class AccountError(Exception):
    """The service does not say; one sentence."""


@dataclass(frozen=True)
class Account:
    """The Live models of a key."""

    who: str
    """The host that was asked; empty where there is no key to ask with."""
    names: tuple[str, ...] = ()
    absent: str = ""
    """Why nobody was asked."""

    @property
    def words(self) -> str:
        """What came of it, in a sentence; empty where nobody was to be asked."""
        if self.who:
            return f"Your key may use {len(self.names)} Live models, says {self.who}."
        return self.absent


def live_models(environ: Mapping[str, str] = os.environ) -> Account:
    """Ask the service of the environment.

    Raises:
        AccountError: It cannot be asked, or refuses.
    """
    service = from_environment(environ)
    if service is None:
        return Account("", absent=NO_KEY)
    if service.origin == "vertex":
        return Account("", absent="Vertex AI lists no models by the key that connects.")
    return Account(service.host, tuple(_listed(service)))


NO_KEY = (
    "No key is there (GEMINI_API_KEY or GOOGLE_API_KEY), so nobody was asked which models are "
    "yours."
)


def _listed(service: Endpoint) -> list[str]:
    from google import genai
    from google.genai import types

    try:
        options = types.HttpOptions(api_version="v1beta", timeout=TIMEOUT_MS)
        client = genai.Client(vertexai=False, http_options=options)
        found = [*client.models.list(config={"page_size": 1000})]
    except Exception as error:  # the SDK's own, httpx's and ssl's have no common ancestor
        said = Mask(service.secrets).text(" ".join(str(error).split()))[:300]
        raise AccountError(
            f"{service.host} does not list the models of this key: {said or type(error).__name__}"
        ) from error
    live = [each for each in found if METHOD in (each.supported_actions or [])]
    return sorted((each.name or "").removeprefix("models/") for each in live)
