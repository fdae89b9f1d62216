"""What a session means: pure code, no toolkit, no SDK, no device, no clock of its own."""
