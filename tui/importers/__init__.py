"""Recordings of ours and of others, opened as session logs."""
