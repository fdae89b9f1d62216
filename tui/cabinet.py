"""The profiles as the settings use them."""

from __future__ import annotations

from tui import profiles
from tui.core.configuration.message import Configuration


class ProfileCabinet:
    """The user's folder of profiles. All of it may raise JournalError."""

    def names(self) -> list[str]:
        """The profiles that there are."""
        return profiles.names()

    def load(self, name: str) -> Configuration:
        """One of them, or a file; from now on it is the one that holds."""
        found = profiles.load(name)
        profiles.hold(name)
        return found

    def save(self, name: str, configuration: Configuration) -> str:
        """Write one, and let it be the one that holds; returns where it is."""
        place = profiles.save(name, configuration)
        profiles.hold(name)
        return str(place)
