"""Our own sessions, held through google-genai on a thread of their own."""
