from __future__ import annotations

import pytest

from tui.core import models


@pytest.mark.parametrize("name", models.names())
def test_every_listed_model_is_whole(name: str) -> None:
    model = models.model(name)
    assert model.listed
    assert set(model.modalities) <= {"AUDIO", "TEXT"}
    assert model.client_content in ("any", "history", "none")
    assert model.interrupt in ("clientContent", "local")
    assert model.task in ("conversation", "translation", "transcription")


def test_a_resource_path_names_the_same_model() -> None:
    path = "projects/p/locations/l/publishers/google/models/gemini-3.8-live"
    assert models.model(path) == models.model("gemini-3.8-live")


def test_an_unknown_model_gets_a_cautious_default_and_says_so() -> None:
    model = models.model("gemini-99-live")
    assert (model.name, model.listed) == ("gemini-99-live", False)
    assert not model.speaks("TEXT")


@pytest.mark.parametrize(
    ("name", "gemini", "vertex", "emulator"),
    [
        ("gemini-3.8-live", "", "", ""),
        ("gemini-2.0-flash-live-001", "shut down at Google 2025-12-09", "shut down at", ""),
        ("gemini-2.0-flash-exp", "shut down at Google", "shut down at Google", ""),
        (
            "gemini-live-2.5-flash-native-audio",
            "only Vertex AI has it",
            "",
            "only Vertex AI has it",
        ),
        ("gemini-3.1-flash-live-preview", "", "Vertex AI does not have it", ""),
        ("gemini-robotics-er-2-streaming-preview", "for robots", "for robots", ""),
        ("gemini-99-live", "", "", ""),
    ],
)
def test_what_a_service_does_not_have_is_told_with_its_reason(
    name: str, gemini: str, vertex: str, emulator: str
) -> None:
    for origin, why in (("gemini", gemini), ("vertex", vertex), ("emulator", emulator)):
        said = models.against(models.model(name), origin)
        assert said.startswith(why) and bool(said) == bool(why)
        assert (name in models.offered(origin)) == (not why and models.model(name).listed)


def test_conversations_are_offered_before_the_rest() -> None:
    offered = [models.model(name).converses for name in models.offered("gemini")]
    assert offered == sorted(offered, reverse=True) and not all(offered)


def test_a_model_has_its_family_of_voices() -> None:
    counts = {
        name: len(models.voices(models.model(name)))
        for name in ("gemini-2.0-flash-exp", "gemini-3.8-live", "gemini-3.5-live-translate-preview")
    }
    assert list(counts.values()) == [8, 30, 0]
