"""bidiscope: an oscilloscope for Gemini Live sessions."""
