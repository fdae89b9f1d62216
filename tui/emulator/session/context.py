"""The context of one session: what was said in it, and what of that the model still has."""

from __future__ import annotations

from collections.abc import Sequence

from tui.emulator import refusal
from tui.emulator.session.compression import Compression
from tui.emulator.session.conversation import TURNS, Said, tokens_by_modality


class Context:
    """A window of so many tokens; it slides where the client asks for that."""

    def __init__(
        self,
        tokens: int,
        compression: Compression | None,
        *,
        vertex: bool,
        said: Sequence[Said] = (),
    ) -> None:
        self.said = tuple(said)
        self._total = 0
        """The tokens of it, or a few more."""
        self._tokens, self._compression, self._vertex = tokens, compression, vertex

    def hear(self, said: Said) -> None:
        """Something that comes from the client; raises `Refusal` when there is no room for it."""
        if said.tokens > self._tokens:
            raise refusal.invalid_argument()
        self.remember(said)
        if self._total > self._tokens:
            self.prompt(())

    def remember(self, said: Said) -> None:
        """The next thing that was said."""
        self.said = (*self.said, said)[-TURNS:]
        self._total += said.tokens

    def prompt(self, beside: Sequence[Said]) -> dict[str, int]:
        """What a generation reads, in tokens of each modality, ``beside`` what was said.

        Raises `Refusal` when it is more than the window holds.
        """
        if self._compression:
            self.said = self._compression.slid(self.said, sum(one.tokens for one in beside))
        counts = tokens_by_modality([*beside, *self.said])
        self._total = sum(counts.values())
        if self._total > self._tokens:
            raise refusal.context_full(vertex=self._vertex)
        return counts
