from __future__ import annotations

import random

import pytest

from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.refusal import Refusal
from tui.emulator.session.conversation import Said
from tui.emulator.session.resumption import HANDLES, LIFETIME_S, Handles

GEMINI = "ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"
VERTEX = "ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"


@pytest.mark.parametrize("slashes", ["/", "//"])
@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
@pytest.mark.parametrize("suffix", ["", "Constrained", "?key=x", "Constrained?access_token=x"])
def test_the_gemini_api_is_at(slashes: str, version: str, suffix: str) -> None:
    path = slashes + GEMINI.format(version) + suffix
    constrained = "Constrained" in suffix
    assert Endpoint.at(path) == Endpoint(version, vertex=False, constrained=constrained)


def test_vertex_is_at_its_own_path() -> None:
    assert Endpoint.at(f"//{VERTEX}") == Endpoint("v1beta1", vertex=True)


FIREBASE = "ws/google.firebase.vertexai.v1beta."


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_firebase_stands_in_front_of_either(slashes: str) -> None:
    gemini = slashes + FIREBASE + "GenerativeService/BidiGenerateContent?key=x"
    assert Endpoint.at(gemini) == Endpoint("v1beta", vertex=False)
    vertex = FIREBASE + "LlmBidiService/BidiGenerateContent/locations/us-central1?key=x"
    assert Endpoint.at(slashes + vertex) == Endpoint("v1beta", vertex=True)


def test_the_bare_address_is_the_gemini_api() -> None:
    assert Endpoint.at("/") == Endpoint.at("/?key=x") == Endpoint("v1beta", bare=True)


@pytest.mark.parametrize(
    "path", ["/ws", "/" + GEMINI.format("v2"), f"/{VERTEX}/x", "/v1/models", "/" + FIREBASE]
)
def test_nothing_is_at(path: str) -> None:
    assert Endpoint.at(path) is None


def test_a_handle_is_good_for_a_while() -> None:
    handles = Handles()
    handle = handles.issue([Said("user", "Hi")], now=10.0)
    assert handles.find(handle, now=10.0 + LIFETIME_S - 1) == (Said("user", "Hi"),)
    for stale, now in ((handle, 10.0 + LIFETIME_S), ("other", 10.0)):
        with pytest.raises(Refusal, match="BidiGenerateContent session not found"):
            handles.find(stale, now=now)


def test_only_the_newest_handles_are_kept() -> None:
    handles = Handles()
    issued = [handles.issue([], now=0.0) for _ in range(HANDLES + 1)]
    assert len(set(issued)) == len(issued)
    with pytest.raises(Refusal):
        handles.find(issued[0], now=1.0)
    assert all(handles.find(handle, now=1.0) == () for handle in issued[1:])


def test_seeded_handles_and_ids_are_the_same_in_each_run() -> None:
    one, same, other, free = (
        Handles(dice)
        for dice in (random.Random(7), random.Random(7), random.Random(8), random.Random())
    )
    names = [
        (handles.session_id(), handles.issue([], now=0.0)) for handles in (one, same, other, free)
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3
