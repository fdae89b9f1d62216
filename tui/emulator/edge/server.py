"""The emulator on its sockets: one dialogue for each WebSocket, over plain TCP and TLS.

Loopback only. All that a session means is in `tui.emulator.session.dialogue`; `Pump` carries bytes,
time and speech to it and its effects out.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import ssl
import time
import traceback
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode

from tui.core.fault import Fault
from tui.core.text import safe
from tui.emulator.edge.access import Credential
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.edge.entrance import House, Port
from tui.emulator.edge.front import Front
from tui.emulator.edge.pump import Pump
from tui.emulator.edge.reception import Reception
from tui.emulator.edge.recorder import About, Recorder
from tui.emulator.edge.rest import Rest
from tui.emulator.edge.tokens import Tokens
from tui.emulator.faults.faulty import Faulty
from tui.emulator.faults.plan import Plan
from tui.emulator.mind import brain
from tui.emulator.mouth.speech import Recognition, Speaking, Speech
from tui.emulator.mouth.voice import Voice
from tui.emulator.options import Options
from tui.emulator.perception.attention import Attention, Models
from tui.emulator.perception.ears import Detector
from tui.emulator.scenario.scenario import Party
from tui.emulator.session.dialogue import Dialogue
from tui.emulator.session.resumption import Handles
from tui.emulator.session.scene import Brain
from tui.loopback import listeners

MAX_MESSAGE_BYTES = 16 * 2**20
MAX_QUEUE = 4
"""Messages that wait for a session; then its client has to."""
PING_INTERVAL_S = 20.0
PING_TIMEOUT_S = 120.0
"""A client may stop at a breakpoint for so long before it counts as gone."""
CLOSE_TIMEOUT_S = 2.0

_DEFLATE = ServerPerMessageDeflateFactory(
    server_max_window_bits=12,
    client_max_window_bits=12,
    # Most of what is sent is base64 of sound: nothing in it comes twice, and to look for that
    # takes three times as long for 2 % less.
    compress_settings={"memLevel": 5, "strategy": zlib.Z_HUFFMAN_ONLY},
)

_SILENT = logging.getLogger("tui.emulator.websockets")
"""Handshakes that fail are no news, and sessions are logged in our own words."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

Log = Callable[[str], None]
"""Takes a line for a human."""


@dataclass(frozen=True)
class Ports:
    """Where the emulator listens."""

    ws: int
    wss: int


@contextlib.asynccontextmanager
async def serving(
    port: int,
    tls_port: int,
    context: ssl.SSLContext,
    log: Log,
    options: Options = Options(),  # noqa: B008 - frozen
    ended: Callable[[], None] = lambda: None,
    plan: Plan | None = None,
    voice: Callable[[], Speaking] = Voice,
) -> AsyncIterator[Ports]:
    """The emulator, until the block ends; then every session gets a close frame (1001).

    Port 0 takes any that is free; one port for both tells TLS by what a client begins with.
    ``ended`` is called after each session.

    Raises:
        PortTaken: A port cannot be had.
        JournalError: Nothing can be recorded there.
    """
    async with contextlib.AsyncExitStack() as stack:
        emulator = _Emulator(context, log, options, ended, plan or Plan(), voice, stack)
        if port == tls_port != 0:
            plain = secure = await emulator.listen(port, Port(plain=True, tls=True))
        else:
            plain = await emulator.listen(port, Port(plain=True, tls=False))
            secure = await emulator.listen(tls_port, Port(plain=False, tls=True))
        stack.callback(emulator.house.close)
        yield Ports(plain, secure)


class _Emulator:
    """What the sessions share."""

    def __init__(
        self,
        context: ssl.SSLContext,
        log: Log,
        options: Options,
        ended: Callable[[], None],
        plan: Plan,
        voice: Callable[[], Speaking],
        stack: contextlib.AsyncExitStack,
    ) -> None:
        """``stack`` ends what is begun here."""
        self._ended, self._plan = ended, plan
        if options.chat:
            stack.push_async_callback(options.chat.close)
        self._speech, self._recognition, self._models = Speech(voice), Recognition(), Models()
        for shared in (self._speech, self._recognition, self._models):
            stack.callback(shared.close)
        self._recorder = Recorder(options.record, log) if options.record else None
        if self._recorder:
            stack.callback(self._recorder.stop)
        self._tokens, self._handles = Tokens(), Handles(plan.dice("handles"))
        self.house = House(Rest(self._tokens, _now), context, log)
        self._log, self._options, self._stack = log, options, stack
        self._numbers = itertools.count(1)

    async def listen(self, port: int, spoken: Port) -> int:
        """Serve at a port; returns its number."""
        sockets = listeners(self._stack, port)
        front = partial(Front, self.house, spoken, self._options.text_frames)
        for one in sockets:
            server = serve(
                self._session,  # type: ignore[arg-type]  # `Front` is what it makes
                sock=one,
                create_connection=front,  # type: ignore[arg-type]  # called, and no more
                extensions=[_DEFLATE],
                max_size=MAX_MESSAGE_BYTES,
                max_queue=MAX_QUEUE,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                logger=_SILENT,
                server_header=None,
            )
            await self._stack.enter_async_context(server)
        return int(sockets[0].getsockname()[1])

    async def _session(self, connection: Front) -> None:
        number, request = next(self._numbers), connection.request
        assert request is not None
        endpoint = Endpoint.at(request.path)
        assert endpoint is not None  # the entrance let nothing else in
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        credential = Credential.of(request.path, headers)
        if self._recorder:
            sdk = headers.get("x-goog-api-client") or headers.get("user-agent", "")
            about = About(headers.get("host", ""), sdk, time.time())
            connection.tape = self._recorder.tape(about, credential.secrets)
        self._log(f"session {number} connected")
        with contextlib.ExitStack() as closing:
            party = self._party(endpoint, number, closing)
            now = time.monotonic()
            received = Reception(party, endpoint, credential, self._tokens, _now, now)
            try:
                pump = self._pump(connection, received, number)
                with self._plan.reaching(number, pump):
                    await pump.run()
            except ConnectionClosed:
                pass
            except Exception:
                self._log(traceback.format_exc())
                await connection.close(CloseCode.INTERNAL_ERROR)
        code, reason, by = connection.ending
        if connection.tape:
            connection.tape.ended(code, reason, by)
        told = safe(f"{code} {reason}".rstrip())
        self._log(f"session {number} ({safe(party.model)}) closed: {told}")
        if self._options.scenario:
            self._options.scenario.over(party)
        self._ended()

    def _party(self, endpoint: Endpoint, number: int, closing: contextlib.ExitStack) -> Party:
        """Who plays the server in the session, and is told of its end by ``closing``."""

        def dialogue(answer: Brain) -> Dialogue:
            made = Dialogue(
                endpoint,
                self._handles,
                _now,
                seed=self._plan.seed or 0,
                ears=self._ears,
                answer=answer,
                model=self._options.model,
                ages=True,
            )
            closing.callback(made.end)
            return made

        def say(line: str) -> None:
            self._log(f"session {number}: {line}")

        scenario, chat = self._options.scenario, self._options.chat
        if scenario is None:
            return dialogue(chat.brain if chat else brain.answer)
        return scenario.party(dialogue, say, time.monotonic())

    def _pump(self, connection: Front, party: Party, number: int) -> Pump:
        dice, faults = self._plan.dice(number), self._plan.faults
        return Pump(
            connection,
            Faulty(party, dice, faults) if faults else party,
            self._speech,
            self._recognition,
            dice,
            partial(self._happened, number),
            self._options.chat.answer if self._options.chat else None,
        )

    def _happened(self, number: int, fault: Fault) -> None:
        self._log(f"session {number}: fault {safe(str(fault))}")
        self._plan.told(number, fault)

    def _ears(self) -> Detector:
        """For a session that begins to send sound: its words will be asked for soon."""
        self._recognition.load()
        return Attention(self._models)


def _now() -> datetime:
    return datetime.now().astimezone()
