"""The inspector: one record in several views, and what is known about the field in view."""

from tui.widgets.inspector.body import InspectorBody
from tui.widgets.inspector.pane import Inspector

__all__ = ["Inspector", "InspectorBody"]
