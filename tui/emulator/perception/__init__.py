"""What the emulator hears and sees."""
