"""What the emulator answers: skills, functions, searches, sums; no language model."""
