"""Starts bidiscope: ``bidiscope`` and ``python -m tui``."""


def main() -> None:
    """Placeholder."""
