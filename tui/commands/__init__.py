"""One command a module: `run(words)` parses them, then imports what does the work."""

from __future__ import annotations

COMMANDS = {
    "say": ("say TEXT", "one question, the answer as it streams; needs no terminal"),
    "headless": ("headless", "a session by script or typed lines; facts out; for CI"),
    "open": ("open FILE", "look into a recording, finished or still growing"),
    "sessions": ("sessions", "list recordings: when, model, length, turns, end, findings"),
    "search": ("search QUERY FILE…", "the messages that a query matches; needs no terminal"),
    "lint": ("lint FILE", "what is wrong in recordings, with evidence and advice; for CI"),
    "stats": ("stats FILE…", "durations, turns, tokens, cost, latencies, talk; Parquet for fleets"),
    "compare": ("compare A B", "two sessions: set-up, latency, tokens, cost, what was said"),
    "again": ("again FILE…", "send a microphone again, to other models and settings; compare"),
    "models": ("models", "what each Live model can do, and which ones your key may use"),
    "config": ("config show", "what is asked of a session, and where it comes from; profiles"),
    "key": ("key store", "keep an API key in the system's keyring, or forget it"),
    "emulate": ("emulate", "a local Live server for any client"),
    "tap": ("tap", "record the Live sessions of other programs"),
    "run": ("run -- COMMAND", "run a program and record its Live sessions"),
    "export": ("export FILE", "a recording as HAR, WAV, transcript, table, script, bug bundle"),
    "devices": ("devices", "microphones, speakers, cameras, screens; tests of them"),
    "doctor": ("doctor", "what works here, and how to mend what does not"),
}
"""The command's module, how it is called, what it does."""


def epilog() -> str:
    """All commands, for the end of ``bidiscope -h``."""
    rows = [("", "the workbench"), *COMMANDS.values(), ("COMMAND -h", "the command's own flags")]
    return "commands:\n" + "\n".join(f"  bidiscope {call:<20}{what}" for call, what in rows)
