"""A local Live server: the default without an API key, and a test server for any client."""
