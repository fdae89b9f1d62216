"""Where the tap may lead, and where requests go."""

from __future__ import annotations

import pytest

from tui.tap.upstream import Upstream, UpstreamError, Upstreams

GEMINI = "/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent"
VERTEX = "//ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"


@pytest.mark.parametrize(
    ("url", "place", "tls"),
    [
        ("https://generativelanguage.googleapis.com", "generativelanguage.googleapis.com", True),
        (
            "wss://us-central1-aiplatform.googleapis.com/",
            "us-central1-aiplatform.googleapis.com",
            True,
        ),
        ("https://aiplatform.eu.rep.googleapis.com", "aiplatform.eu.rep.googleapis.com", True),
        ("wss://localhost:8766", "localhost:8766", True),
        ("ws://127.0.0.1:8765", "127.0.0.1:8765", False),
        ("http://[::1]:8765", "[::1]:8765", False),
        ("HTTPS://LOCALHOST", "localhost", True),
    ],
)
def test_allowed(url: str, place: str, tls: bool) -> None:
    upstream = Upstream.at(url)
    assert (upstream.place, upstream.tls) == (place, tls)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://generativelanguage.googleapis.com.evil.example",
        "https://evil.example/generativelanguage.googleapis.com",
        "https://evilgenerativelanguage.googleapis.com",
        "https://storage.googleapis.com",
        "https://evil.example#-aiplatform.googleapis.com",
        "https://a.b-aiplatform.googleapis.com",
        "https://generativelanguage.googleapis.com@evil.example",
        "https://user@generativelanguage.googleapis.com",
        "http://generativelanguage.googleapis.com",
        "ws://us-central1-aiplatform.googleapis.com",
        "https://169.254.169.254",
        "https://127.0.0.2",
        "https://localhost/path",
        "https://localhost:99999",
        "file:///etc/passwd",
        "localhost:8766",
        "https://[",
        "",
    ],
)
def test_not_allowed(url: str) -> None:
    with pytest.raises(UpstreamError, match=r"\.$"):
        Upstream.at(url)


def test_google_by_default() -> None:
    upstreams = Upstreams.choose("", {})
    assert upstreams.of(f"{GEMINI}?key=/projects/").place == "generativelanguage.googleapis.com"
    assert upstreams.of(VERTEX).place == "aiplatform.googleapis.com"
    assert upstreams.of("/v1beta1/projects/p/locations/global/x").origin == "vertex"
    assert upstreams.of("/v1beta/models").origin == "gemini"


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_vertex_by_location(location: str, place: str) -> None:
    assert Upstreams.choose("", {"GOOGLE_CLOUD_LOCATION": location}).vertex.place == place


def test_what_the_program_would_have_used() -> None:
    environ = {"GOOGLE_GEMINI_BASE_URL": "https://localhost:8766"}
    assert Upstreams.choose("", environ).of(GEMINI).place == "localhost:8766"
    with pytest.raises(UpstreamError, match=r"gateway\.example"):
        Upstreams.choose("", {"GOOGLE_GEMINI_BASE_URL": "https://gateway.example"})


def test_one_for_all() -> None:
    upstreams = Upstreams.choose("wss://localhost:8766", {})
    assert upstreams.of(GEMINI) == upstreams.of(VERTEX) == Upstream("localhost", 8766, True)
