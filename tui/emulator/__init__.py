"""A Gemini Live server on this machine: it needs no key and no network, and is not Gemini.

It speaks the protocol of BidiGenerateContent with unchanged clients over TLS and plain WebSockets
(`process.run`). Each session is a `dialogue.Dialogue` that does no I/O; `server` carries it.
What clients send as sound or pictures is taken and not understood, and the next answer says so.
Declared tools are never called.
"""
