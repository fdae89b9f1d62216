"""The prices of tokens: the shipped table, and the user's own over it."""

from __future__ import annotations

from tui.core import cost
from tui.core.cost import PriceError, Prices
from tui.core.journal import JournalError
from tui.core.places import config_folder
from tui.core.text import safe


def prices() -> Prices:
    """What tokens cost.

    Raises:
        JournalError: The user's table cannot be used.
    """
    path = config_folder() / "prices.toml"
    try:
        return Prices.read(path.read_text("utf-8")).over(cost.shipped())
    except FileNotFoundError:
        return cost.shipped()
    except (OSError, UnicodeDecodeError, PriceError) as error:
        raise JournalError(
            f"The prices in {safe(str(path))} cannot be used: {safe(str(error))}; "
            "mend the file, or take it away."
        ) from error
