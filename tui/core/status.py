"""A session's state in words: what the strip, the notice line and a turn's footer say."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core import (
    barge_in,
    call_text,
    carrying,
    closing,
    continuous_text,
    models,
    renewal,
    silence,
)
from tui.core.attachment import Broadcast
from tui.core.capture import Capture
from tui.core.connection import Connection, Interrupt, Renewal
from tui.core.fault import kinds
from tui.core.instant import Instant
from tui.core.playback import Playback
from tui.core.session import Session
from tui.core.text import safe
from tui.core.turn import Turn
from tui.core.video import Video

EMULATOR = "emulator"
"""A connection's ``origin`` when the local emulator answers."""
EMULATOR_NAME = "LOCAL EMULATOR"
LOCAL_ROUTE = "local"
"""An interrupt's ``route`` when the model has none, so only the speaker was flushed."""
SPEAKER_ROUTE = "speaker"
"""An interrupt's ``route`` when only the speaker was still at the answer."""
FAULT_SHOWN_S = 60.0
"""So long a fault is told of that has ended its connection."""
NORMAL_CLOSURE = 1000
"""RFC 6455, section 7.4.1."""


@dataclass(frozen=True, slots=True)
class Readout:
    """All that the strip says; an empty string says nothing. Equal readouts look equal."""

    state: str = "Idle"
    place: str = ""
    """`LOCAL EMULATOR`, or the host that answers."""
    emulated: bool = False
    model: str = ""
    modality: str = ""
    clock: str = ""
    latency: str = ""
    slow: bool = False
    """The latency is a second or more."""
    tokens: str = ""
    cost: str = ""
    """The estimate in dollars, and what a minute costs."""
    calls: str = ""
    """The oldest pending function call with its clock, how many there are, who must act."""
    bench: str = ""
    """How function calls are answered, where that is not by themselves."""
    heard: str = ""
    underruns: str = ""
    echo: str = ""
    """The echo canceller's state, with what it was measured to remove."""
    findings: str = ""
    """How many findings there are above chat."""
    recording: str = ""
    """Name of the file that the session is recorded to."""
    replayed: str = ""
    """Name of the file that the session is read from."""
    ping: str = ""
    """A round trip that is slow."""
    video: str = ""
    """`● CAMERA` or `● SCREEN` while pictures of it are sent, `CAMERA lost` while they are not."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence about the last problem, or the last thing a person asked for."""

    text: str = ""
    problem: bool = False


def readout(
    session: Session,
    instant: Instant,
    recording: str = "",
    findings: str = "",
    dollars: float | None = None,
) -> Readout:
    """The strip; ``recording`` is the name of the file, ``dollars`` what is spent by estimate."""
    connection, playback, capture = session.connection, instant.playback, instant.capture
    if connection is None:
        return Readout(recording=recording, video=video(instant.video), findings=findings)
    timed = None if session.continuous else _timed(session)
    waited = continuous_text.lag(session) or (latency(timed) if timed else "")
    count = playback.underruns
    return Readout(
        state=silence.word(session, instant.now_s) or word(session, playback),
        place=EMULATOR_NAME if emulated(connection) else connection.host,
        emulated=emulated(connection),
        model=connection.model,
        modality=modality(session),
        clock=_clocks(session, connection, instant.now_s),
        latency=waited,
        slow=slow(timed) if timed else False,
        tokens=_spent(session, connection),
        cost=_cost(session, dollars),
        calls=call_text.waiting(session.board, instant.now_s),
        bench=session.board.bench.words,
        heard=heard(playback.heard_s, playback.received_s) if _audible(session, playback) else "",
        underruns=f"{count} underrun{'s' * (count > 1)}" if count else "",
        echo=capture.aec if capture.hears and session.view == "audio" else "",
        ping=silence.ping(session),
        video=video(instant.video),
        findings=findings,
        recording=recording,
    )


def _timed(session: Session) -> Turn | None:
    return next((turn for turn in reversed(session.turns) if turn.latency_s is not None), None)


def word(session: Session, playback: Playback) -> str:
    """The state in a word or two. "Speaking" means that samples leave the device now."""
    connection = session.connection
    if session.board.loading and not session.connected:
        return "Loading tools"
    if connection is None:
        return "Idle"
    if connection.closed_s is not None:
        return "Retrying" if session.renewal else _closed(connection)
    if connection.open_s is None:
        return "Connecting"
    return "Speaking" if playback.playing else _working(session)


def _closed(connection: Connection) -> str:
    if connection.code not in (None, NORMAL_CLOSURE):
        return f"Closed {connection.code}"
    return "Closed" if connection.open_s is not None else "Failed"


def _working(session: Session) -> str:
    """What the server is at, as far as its messages tell."""
    turn = session.conversation.current
    if session.continuous:
        return continuous_text.word(session)
    if session.talking:
        return "Listening"
    if turn is None:
        return "Ready"
    if turn.interrupted_s is not None:
        return "Interrupted"
    if any(call.pending for call in turn.calls):
        return "Tool call"
    if not turn.answered:
        return "Thinking" if turn.asked_s is not None else "Listening"
    return "Answering" if turn.generated_s is None else "Ready"


def emulated(connection: Connection) -> bool:
    """Whether the local emulator answers, and nobody may take it for Gemini."""
    return connection.origin == EMULATOR


def age_s(connection: Connection, now_s: float) -> float:
    """How long the connection has been, or was, open."""
    if connection.open_s is None:
        return 0.0
    end_s = now_s if connection.closed_s is None else connection.closed_s
    return max(0.0, end_s - connection.open_s)


def clock(seconds: float) -> str:
    """``3:07``, from an hour on ``1:03:07``."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _clocks(session: Session, connection: Connection, now_s: float) -> str:
    """The connection's age and the lifetime that is known of its model, or what a goAway left."""
    if session.go_away is not None and connection.closed_s is None:
        return f"goAway {clock(max(0.0, session.go_away.ends_s - now_s))}"
    age = clock(age_s(connection, now_s))
    model = models.model(connection.model)
    return f"{age} of {clock(model.connection_s)}" if model.listed else age


def _spent(session: Session, connection: Connection) -> str:
    """All tokens so far, and how full the context is by the server's last count."""
    spent = tokens(session.usage.total)
    model = models.model(connection.model)
    if not spent or not session.context or not model.listed:
        return spent
    share = session.context / model.context_tokens
    return f"{spent} · context {'<1%' if share < 0.01 else f'{share:.0%}'}"


def _cost(session: Session, dollars: float | None) -> str:
    """``$0.012, $0.31/min``, over the time that there were connections."""
    if not dollars:
        return ""
    open_s = sum(age_s(each, session.now_s) for each in session.opened)
    burn = f", ${dollars / open_s * 60:.2f}/min" if open_s >= 1 else ""
    return f"${dollars:.3f}{burn}"


def modality(session: Session) -> str:
    """Which of the three honest states answers come in."""
    if session.connection is not None and session.connection.modality == "TEXT":
        return "TEXT"
    way = "TEXT VIEW (audio discarded)" if session.view == "text view" else "AUDIO"
    target = session.connection.target if session.connection is not None else ""
    return f"{way} → {safe(target)}" if target else way


def latency(turn: Turn) -> str:
    """The latency and what it was measured to; empty before there is one."""
    if turn.latency_s is None:
        return ""
    arrived = "first audio" if turn.audio_s else "text"
    mark = "sound" if turn.first_played_s is not None else arrived
    return f"{turn.latency_s:.2f} s to {mark}"


def slow(turn: Turn) -> bool:
    """Whether the answer took a second or more to begin."""
    return turn.latency_s is not None and turn.latency_s >= 1.0


def tokens(count: int) -> str:
    """``1,204 tok``; empty for none."""
    return f"{count:,} tok" if count else ""


def heard(heard_s: float, received_s: float) -> str:
    """``heard 3.1 of 7.8 s``."""
    return f"heard {heard_s:.1f} of {received_s:.1f} s"


def notice(session: Session, instant: Instant) -> Notice:
    """What the notice line says: a problem, the server's warning, or what came of a command."""
    connection = session.connection
    if session.renewal is not None:
        again = renewing(session.renewal, session.problem, instant.now_s)
        return Notice(f"{again}{silence.waiting(instant.capture)}", problem=True)
    if session.problem:
        return Notice(session.problem, problem=True)
    if connection is not None and connection.closed_s is not None:
        ended = closing.describe(connection.code, connection.reason, connection.by)
        return Notice(ended, problem=bool(ended))
    if session.go_away is not None:
        left_s = session.go_away.ends_s - instant.now_s
        left = f"in {left_s:.0f} s" if left_s > 0 else "at any moment"
        return Notice(f"The server will close this connection {left}.", problem=True)
    if missing := silence.sentence(session, instant):
        return Notice(f"{missing}{silence.waiting(instant.capture)}", problem=True)
    if session.broadcast is not None:
        return Notice(broadcasting(session, session.broadcast))
    if said := interrupted(session) or carrying.carried(session):
        return Notice(said)
    if why := barge_in.false_alarm(session.turns, instant.now_s):
        return Notice(f"{why} (est.): {_UNDO}", problem=True)
    devices = instant.playback.problem or instant.capture.problem or stalled(instant.video)
    problem = session.board.trouble or devices
    return Notice(problem, problem=bool(problem))


def broadcasting(session: Session, broadcast: Broadcast) -> str:
    """How much of a file's sound has been sent."""
    sent_s = min(broadcast.seconds, session.utterances.sent_s - broadcast.from_s)
    return (
        f"Sending {broadcast.name} in the microphone's place: {sent_s:.1f} of "
        f"{broadcast.seconds:.1f} s. Esc stops it."
    )


def renewing(coming: Renewal, problem: str, now_s: float) -> str:
    """Why a connection will be made again, and when."""
    why = problem or f"{coming.cause[:1].upper()}{coming.cause[1:]}."
    wait_s = coming.due_s - now_s
    when = f" in {wait_s:.0f} s" if wait_s >= 1 else ""
    return f"{why} Connecting again{when}, attempt {coming.attempt} of {renewal.ATTEMPTS}."


def fault(session: Session, now_s: float) -> str:
    """The emulator's last complaint, or fault that was asked of it; empty when it is over."""
    unlucky, connection, complaint = session.misfortune, session.connection, session.complaint
    if complaint is not None and (unlucky is None or unlucky.at_s < complaint.at_s):
        ago_s = now_s - complaint.at_s
        return "" if ago_s > FAULT_SHOWN_S else f"EMULATOR {clock(ago_s)} ago: {complaint.message}"
    if unlucky is None or connection is None:
        return ""
    ago_s = now_s - unlucky.at_s
    if unlucky.at_s < connection.opening_s and ago_s > FAULT_SHOWN_S:
        return ""
    state = f"FAULT {clock(ago_s)} ago" if unlucky.happened else "FAULT ARMED"
    kind = kinds().get(unlucky.fault.partition(":")[0])
    return f"{state}: {unlucky.fault}. {kind.does if kind else ''}".rstrip()


def interrupted(session: Session) -> str:
    """What came of the last wish to stop an answer, until the next question is asked."""
    interrupt = session.interrupt
    if session.continuous:
        return continuous_text.silenced(session)
    if interrupt is None or any(turn.started_s > interrupt.asked_s for turn in session.turns[-1:]):
        return ""
    if interrupt.route == SPEAKER_ROUTE:
        return "silenced: the model had finished before"
    if interrupt.route == LOCAL_ROUTE:
        return "local only: this model stops only for speech"
    return f"interrupted by {interrupt.route}, {_confirmation(session, interrupt)}"


def _confirmation(session: Session, interrupt: Interrupt) -> str:
    if interrupt.confirmed_s is not None:
        return f"confirmed after {(interrupt.confirmed_s - interrupt.asked_s) * 1000:.0f} ms"
    turn = session.conversation.turn(interrupt.turn)
    if turn is not None and turn.completed_s is not None:
        return "never confirmed: the answer was complete"
    return "not confirmed yet"


def microphone(capture: Capture) -> str:
    """Why a microphone hears nothing, in a word or two; empty when it hears."""
    words = {"none": "no microphone", "muted": "MUTED", "speech": "", "silence": ""}
    return words.get(capture.state, capture.state)


def interrupter(turn: Turn) -> str:
    """That a turn was interrupted, and by whom as far as that is known."""
    return _INTERRUPTERS.get(turn.interrupted_by, "interrupted").format(turn.likeness)


_INTERRUPTERS = {
    barge_in.PERSON: "interrupted by a person (est.)",
    barge_in.SPEAKER: "interrupted by our own speaker (est., likeness {:.2f})",
    barge_in.CLIENT: "interrupted by you",
    barge_in.UNKNOWN: "interrupted, and nobody was heard here (est.)",
}

_UNDO = (
    "u asks it to go on, r plays what was lost. Headphones, echo cancelling or push to talk (p) "
    "prevent it."
)


def voice(session: Session, capture: Capture) -> str:
    """Who hears a person: this machine and the server, or that one must push to talk."""
    if not session.connected or not capture.hears:
        return ""
    if session.connection is not None and session.connection.manual:
        return "TALKING: Space ends" if session.talking else "push to talk: Space"
    heard = {"here": capture.speech, "server": session.speech}
    words = {who: "speech" if speech else "silence" for who, speech in heard.items()}
    if capture.speech is None:  # a recording need not tell
        return "" if session.speech is None else f"server {words['server']}"
    if session.speech is None:
        return words["here"]
    return f"here {words['here']} · server {words['server']}"


def video(seen: Video) -> str:
    """Whether a camera or the screen is looked at, in words; empty when none is."""
    if not seen.kind:
        return ""
    return f"● {seen.kind.upper()}" if seen.state == "on" else f"{seen.kind.upper()} {seen.state}"


def stalled(seen: Video) -> str:
    """What is wrong with a camera or the screen, in a sentence; empty when nothing is."""
    if seen.state == "stalled":
        return (
            f"{seen.lens.name} has given no picture for {seen.lens.silent_s:.0f} s; "
            "bidiscope waits for it."
        )
    return seen.lens.problem


def _audible(session: Session, playback: Playback) -> bool:
    return session.view == "audio" and playback.received_s > 0


def blocked(session: Session, files: int = 0) -> str:
    """Why nothing can be sent now, in a sentence; empty when it can, or ``files`` may be heard."""
    if session.connected:
        return continuous_text.DEAF if session.continuous and not files else ""
    if session.connecting or session.connection is None:
        return "Connecting: what you type is kept."
    return "Not connected: c (outside this line) or F5 connects again; what you type is kept."
