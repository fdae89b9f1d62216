"""The board: every function call, how it stands, what it was asked and answered with."""

from tui.widgets.board.calls import CallList as CallList
from tui.widgets.board.detail import CallDetail as CallDetail
from tui.widgets.board.pane import ToolBoard as ToolBoard
