"""What a recording is exported to."""
