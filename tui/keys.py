"""The one table of the app's keys: bindings, palette and help are read from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True)
class Key:
    """One thing that a person can do. ``id`` is what a user remaps it by."""

    id: str
    keys: str
    action: str
    label: str
    """One or two words, for the footer and the palette."""
    meaning: str
    """One sentence, for the help and the palette."""
    footer: bool = False
    priority: bool = False
    """Comes before the keys of what has the focus, the composer too."""
    place: str = ""
    """`LIVE`, `RECORDED` or `PAIR`, where it makes sense only there."""


LIVE, RECORDED, PAIR = "live", "recorded", "pair"

BOTH = frozenset({
    "session.interrupt", "session.connect", "session.attach", "microphone.mute", "devices.pick",
    "microphone.talk", "microphone.push_to_talk", "playback.replay", "video.camera", "video.screen",
    "view.composer", "copy.text", "app.theme", "app.palette", "app.help", "app.copy_or_quit",
    "app.quit",
})  # fmt: skip
"""What is done in the same way with two sessions: in `PAIR`, too."""

KEYS = (
    Key(
        "session.interrupt", "escape", "app.interrupt", "Interrupt",
        "Silence the answer at once, then stop the model.", footer=True, priority=True, place=LIVE,
    ),
    Key(
        "session.attach", "ctrl+o", "app.attach", "Attach",
        "Send a picture, a sound or a text file along; dropping or pasting its path does, too.",
        priority=True, place=LIVE,
    ),
    Key(
        "session.modality", "ctrl+t", "app.modality", "Modality",
        "How answers come: AUDIO, text view (audio discarded), TEXT where the model has it.",
        footer=True, priority=True, place=LIVE,
    ),
    Key(
        "session.connect", "c,f5", "app.connect", "Connect",
        "Close the connection, or connect again and carry the conversation over.",
        footer=True, place=LIVE,
    ),
    Key(
        "session.connections", "R", "app.connections", "Connections",
        "How each connection came about and ended; resume the session from any handle.", place=LIVE,
    ),
    Key(
        "microphone.mute", "m,f6", "app.mute", "Mute",
        "Mute the microphone, or hear again; the connection stays.", footer=True, place=LIVE,
    ),
    Key(
        "settings.open", "S,f10", "app.settings", "Settings",
        "See and change what is asked of the session: model, voice, instruction, tools, profiles.",
        place=LIVE,
    ),
    Key(
        "settings.key", "K", "app.key", "Key",
        "Choose who answers: Gemini by a key that is pasted, the emulator, or a recording.",
        place=LIVE,
    ),
    Key(
        "devices.pick", "d,f9", "app.devices", "Devices",
        "Choose and test microphones, speakers, cameras and screens.", place=LIVE,
    ),
    Key(
        "session.fault", "x", "app.faults", "Fault",
        "Let the emulator misbehave in this session: close, stall, go silent, talk nonsense.",
        place=LIVE,
    ),
    Key(
        "microphone.talk", "space", "app.talk", "Talk",
        "Begin or end what you say, with push-to-talk.", place=LIVE,
    ),
    Key(
        "microphone.push_to_talk", "p", "app.push_to_talk", "Push to talk",
        "Change between push-to-talk and the server's own voice activity detection.", place=LIVE,
    ),
    Key(
        "playback.replay", "r", "app.replay", "Replay",
        "Play again what was thrown away of the last interrupted answer.", place=LIVE,
    ),
    Key(
        "session.go_on", "u", "app.go_on", "Go on",
        "Undo a false interruption: ask the model to go on from where it was heard.", place=LIVE,
    ),
    Key(
        "message.write", "J", "app.write_message", "Write JSON",
        "Write a message of the protocol, from a template, and send it.", place=LIVE,
    ),
    Key(
        "message.edit", "E", "app.edit_message", "Edit, resend",
        "Edit the chosen message of a client, and send it into the live session.",
    ),
    Key(
        "video.camera", "v", "app.watch('camera')", "Camera",
        "Show the session what the camera sees, or stop that.", footer=True, place=LIVE,
    ),
    Key(
        "video.screen", "V", "app.watch('screen')", "Screen",
        "Show the session this computer's screen, or stop that.", place=LIVE,
    ),
    Key(
        "pair.begin", "M", "app.second", "Second model",
        "Hold a second session at the same microphone, with another model or profile.", place=LIVE,
    ),
    Key(
        "pair.heard", "H", "app.hear_other", "Hear the other",
        "Of two sessions, hear the one that is silent now.", place=LIVE,
    ),
    Key(
        "pair.hear", "H,f12", "app.hear_other", "Hear the other",
        "Hear the session that is silent now.", footer=True, place=PAIR,
    ),
    Key(
        "pair.end", "M", "app.end_second", "End second", "End the second session; begin another.",
        footer=True, place=PAIR,
    ),
    Key(
        "pair.compare", "equals_sign", "app.compare_pair", "Compare",
        "Compare both recordings: set-ups, figures, findings, words.", footer=True, place=PAIR,
    ),
    Key("pair.left", "f2", "screen.pane('left')", "A", "Go to the first session.", place=PAIR),
    Key("pair.right", "f3", "screen.pane('right')", "B", "Go to the second session.", place=PAIR),
    Key(
        "pair.differences", "f4", "screen.pane('differences')", "Differences",
        "Go to what differs, question by question.", place=PAIR,
    ),
    Key(
        "pair.left_wire", "1", "app.wire(0)", "Wire of A", "Every message of the first session.",
        footer=True, place=PAIR,
    ),
    Key(
        "pair.right_wire", "2", "app.wire(1)", "Wire of B", "Every message of the second session.",
        footer=True, place=PAIR,
    ),
    Key(
        "pair.leave", "backspace", "app.wire(0)", "Leave",
        "Go back to the first session alone; both go on.", place=PAIR,
    ),
    Key(
        "view.composer", "i", "screen.compose_text", "Type", "Go to the composer.", footer=True,
        place=LIVE,
    ),
    Key(
        "view.conversation", "f2", "screen.pane('conversation')", "Conversation",
        "Go to the transcript.",
    ),
    Key(
        "view.messages", "f3", "screen.pane('messages')", "Messages",
        "Go to the list of messages.",
    ),
    Key(
        "view.inspector", "f4", "screen.pane('inspector')", "Inspector",
        "Go to the chosen message.",
    ),
    Key(
        "view.findings", "w", "screen.pane('findings')", "Findings",
        "Go to what is wrong, or easy to get wrong.",
    ),
    Key(
        "view.latency", "l", "screen.pane('latency')", "Latency",
        "Go to the latencies: a bar a turn, percentiles, connect, tools, interruptions.",
    ),
    Key(
        "view.tools", "b", "screen.pane('tools')", "Tools",
        "Go to the function calls: pending, answered, cancelled, late; approve, refuse, reply.",
    ),
    Key(
        "tools.bench", "B", "app.bench", "Tool mode",
        "How function calls are answered: by themselves, when you approve, by you; late, failed.",
        place=LIVE,
    ),
    Key(
        "view.timeline", "t", "screen.timeline", "Timeline",
        "Show the lanes of the session over its clock, or put them away.", footer=True,
    ),
    Key(
        "replay.play", "space", "screen.play", "Play",
        "Play the recording from where the play head is, or pause.", footer=True, place=RECORDED,
    ),
    Key(
        "replay.back", "comma", "screen.step(-1)", "Back",
        "The play head goes back by a message.", place=RECORDED,
    ),
    Key(
        "replay.on", "full_stop", "screen.step(1)", "On",
        "The play head goes on by a message.", place=RECORDED,
    ),
    Key(
        "replay.turn_back", "left_square_bracket", "screen.turn(-1)", "Turn back",
        "To the beginning of this turn, or of the one before.", place=RECORDED,
    ),
    Key(
        "replay.turn_on", "right_square_bracket", "screen.turn(1)", "Turn on",
        "To the beginning of the next turn.", place=RECORDED,
    ),
    Key(
        "replay.slower", "less_than_sign", "screen.speed(-1)", "Slower",
        "Play slower, down to 0.25x; sound is heard at 1x.", place=RECORDED,
    ),
    Key(
        "replay.faster", "greater_than_sign", "screen.speed(1)", "Faster",
        "Play faster, up to 16x; sound is heard at 1x.", place=RECORDED,
    ),
    Key(
        "replay.go", "colon", "screen.ask_place", "Go to",
        "Go to a time (1:20), a turn (turn 3) or a message (#412).", footer=True, place=RECORDED,
    ),
    Key(
        "replay.travel", "T", "screen.travel", "Travel",
        "Take the play head to the message under the cursor.", place=RECORDED,
    ),
    Key(
        "view.zoom", "z", "screen.zoom", "Zoom",
        "Let the focused pane fill the screen, and back.",
    ),
    Key(
        "search.filter", "slash", "screen.write_query('filter')", "Filter",
        "Show only the messages that a query matches; F1 there explains the language.",
        footer=True, priority=True,
    ),
    Key(
        "search.find", "backslash", "screen.write_query('find')", "Find",
        "Mark the messages that a query matches, and hide none.", priority=True,
    ),
    Key("search.next", "n", "screen.next_hit(True)", "Next hit", "Go to the next match."),
    Key("search.last", "N", "screen.next_hit(False)", "Previous hit", "Go to the match before."),
    Key(
        "search.selected", "asterisk", "screen.filter_selected", "Filter this",
        "Show only messages with the value chosen in the inspector, or of the kind in the list.",
    ),
    Key(
        "search.back", "escape", "screen.back_out", "Back",
        "Leave the filter's line; then show all messages again.", place=RECORDED,
    ),
    Key(
        "session.export", "e", "app.export", "Export",
        "Write the session as HAR, WAV, transcript, table, script or bug bundle.",
    ),
    Key("copy.text", "y", "app.copy", "Copy", "Copy the selected text, or the chosen value."),
    Key(
        "copy.raw", "Y", "app.copy_raw", "Copy raw",
        "Copy the chosen message as it crossed the wire.",
    ),
    Key(
        "app.sessions", "o", "app.sessions", "Sessions",
        "Look through the recordings: open, compare, rename, delete.",
    ),
    Key(
        "recording.back", "backspace", "app.leave_recording", "Leave",
        "Go back to what was open before this recording.", place=RECORDED,
    ),
    Key(
        "copy.as", "C", "screen.copy_as", "Copy as …",
        "Copy the value, its path, the raw message, or it as Python, JavaScript or a shell line.",
    ),
    Key(
        "message.next_of_kind", "right_curly_bracket", "screen.same_kind(1)", "Next of its kind",
        "Go to the next message of the same kind.",
    ),
    Key(
        "message.previous_of_kind", "left_curly_bracket", "screen.same_kind(-1)",
        "Previous of its kind", "Go to the message before of the same kind.",
    ),
    Key(
        "message.partner", "percent_sign", "screen.partner", "Call or answer",
        "Go from a tool call to its answer and back, from a set-up to its acceptance and back.",
    ),
    Key(
        "message.turn_start", "circumflex_accent", "screen.turn_start", "Start of turn",
        "Go to the first message of this turn.",
    ),
    Key(
        "message.mark", "equals_sign", "screen.mark", "Compare",
        "Mark a message; on another one, show how the two differ.",
    ),
    Key(
        "app.theme", "f8", "app.theme", "Theme",
        "Choose a theme; moving through them shows them.",
    ),
    Key(
        "app.palette", "ctrl+p,f7", "app.command_palette", "Palette", "Everything by name.",
        footer=True,
    ),
    Key("app.help", "f1,question_mark", "app.help", "Help", "Keys, words and files.", footer=True),
    Key(
        "app.copy_or_quit", "ctrl+c", "app.copy_or_quit", "Copy / quit",
        "Copy what is selected; with nothing selected, pressed twice, quit.", priority=True,
    ),
    Key("app.quit", "ctrl+q,q", "app.quit", "Quit", "Close the connection and leave.", footer=True),
)  # fmt: skip


def keys_of(place: str) -> list[Key]:
    """What can be done in one place: `LIVE`, `RECORDED`, `PAIR`; "" is what can be in most."""
    if place == PAIR:
        own = [key for key in KEYS if key.place == PAIR]
        return [*own, *(key for key in KEYS if key.id in BOTH)]
    return [key for key in KEYS if key.place in ("", place)]


def bindings(place: str) -> list[Binding]:
    """What can be done in one place, as Textual's bindings."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.footer,
            priority=key.priority,
            id=key.id,
            tooltip=key.meaning,
        )
        for key in keys_of(place)
    ]
