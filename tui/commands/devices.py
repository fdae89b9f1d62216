"""`bidiscope devices`."""

from __future__ import annotations

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope devices", "List microphones, speakers, cameras and screens."
    )
    which = "test it: mic:2, speaker:2, camera:0, screen:1, a sound device's number, part of a name"
    parser.add_argument("--test", type=arguments.utf8, default="", metavar="DEVICE", help=which)
    listen = "how long a microphone is listened to; default: 5"
    parser.add_argument("--seconds", type=arguments.seconds, default=5.0, metavar="S", help=listen)
    parser.add_argument("--json", action="store_true", help="print JSON")
    flags = parser.parse_args(words)
    from tui import devices

    return devices.run(flags.test, flags.seconds, flags.json)
