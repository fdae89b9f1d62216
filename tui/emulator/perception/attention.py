"""Many streams share few models of speech: most of the time nothing stands out from the noise.

A model costs a hundred times what a level does, and megabytes; so a stream has one only while
something is to be heard on it. Before that its windows are no speech, and the last of them are
told to the model first, as if it had listened all the time.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from tui.emulator.perception.detector import Energy, Model, detector

MODELS = 32
"""So many streams can be judged by a model at once; beyond that their energy stands in."""
STANDS_OUT_DB = 4.0
"""So far above the noise sound may be speech."""
RISE_DB = 0.3
"""How fast what stays becomes noise, in a window: the model is asked long enough before."""
LIKELY = 0.2
"""And what the model finds so likely may still go on."""
HOLD = 20
"""Windows without either, after which nothing is expected."""
BEFORE = 12
"""Windows that a model is told first."""


class Models:
    """Models of speech, to be lent; one more than were needed is loaded, on a thread."""

    def __init__(self, load: Callable[[], Model] = detector, most: int = MODELS) -> None:
        self._load, self._most = load, most
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="models of speech")
        self._idle: list[Model] = []
        self._loaded = 0
        self._next: Future[Model] | None = None

    def prepare(self) -> None:
        """Begin to load one, unless one is there or on its way."""
        if not self._idle and self._next is None and self._loaded < self._most:
            self._loaded += 1
            self._next = self._loader.submit(self._load)

    def borrow(self) -> Model:
        """One that knows nothing of other streams."""
        self.prepare()
        if not self._idle and self._next is None:
            return Energy()
        if self._idle:
            model = self._idle.pop()
        else:
            assert self._next is not None
            model, self._next = self._next.result(), None
        model.reset()
        self.prepare()
        return model

    def give_back(self, model: Model) -> None:
        """It may be lent again."""
        if not isinstance(model, Energy):
            self._idle.append(model)

    def close(self) -> None:
        """No more are loaded."""
        self._loader.shutdown(cancel_futures=True)


class Attention:
    """The `Detector` of one stream."""

    def __init__(self, models: Models) -> None:
        models.prepare()
        self._models = models
        self._model: Model | None = None
        self._return: Callable[[], object] | None = None
        self._energy = Energy(RISE_DB)
        self._before: deque[bytes] = deque(maxlen=BEFORE)
        self._quiet = 0

    def __call__(self, window: bytes) -> float:
        """The model's judgement; 0 while nothing stands out."""
        stands_out = self._energy.above_db(window) >= STANDS_OUT_DB
        if self._model is None:
            if not stands_out:
                self._before.append(window)
                return 0.0
            self._model = self._borrowed()
        probability = self._model(window)
        self._quiet = 0 if stands_out or probability >= LIKELY else self._quiet + 1
        if self._quiet >= HOLD and self._return:
            self._return()
            self._model = None
        return probability

    def _borrowed(self) -> Model:
        model = self._models.borrow()
        # A session may end in the midst of speech.
        self._return = weakref.finalize(self, self._models.give_back, model)
        for earlier in self._before:
            model(earlier)
        self._before.clear()
        return model
