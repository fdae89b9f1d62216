"""Where clients come in: sockets, HTTP, keys and tokens, and what carries a session."""
