"""The reverse proxy that shows other programs' Live sessions: bytes pass, copies are journaled."""
