"""What the emulator speaks with."""
