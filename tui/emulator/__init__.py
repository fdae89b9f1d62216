"""A Gemini Live server on this machine: it needs no key and no network, and is not Gemini.

It speaks the protocol of BidiGenerateContent with unchanged clients over TLS and plain WebSockets
(`process.run`). Each session is a `dialogue.Dialogue` that does no I/O; `server` carries it.
It hears speech and, where a recognizer is installed, understands its words; of pictures it tells
what can be measured.
Declared functions are called when the words ask for it; `faults` and `scenario` bring about what
else a client must be able to meet.
"""
