"""What a session follows instead of the emulator's own mind: a script, or a recording."""
