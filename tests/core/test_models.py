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
