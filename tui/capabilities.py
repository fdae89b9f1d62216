"""The user's own table of models, over the shipped one: ``models.toml`` in the config folder."""

from __future__ import annotations

from tui.core import models
from tui.core.journal import JournalError
from tui.core.models import ModelsError
from tui.core.places import config_folder
from tui.core.text import safe


def load() -> None:
    """Lay it over the shipped table, if there is one.

    Raises:
        JournalError: It cannot be used; one sentence.
    """
    path = config_folder() / "models.toml"
    try:
        models.overlay(path.read_text("utf-8"))
    except FileNotFoundError:
        models.overlay("")
    except (OSError, UnicodeDecodeError, ModelsError) as error:
        raise JournalError(
            f"The models in {safe(str(path))} cannot be used: {safe(str(error))}; "
            "mend the file, or take it away."
        ) from error
