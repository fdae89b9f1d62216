"""Sessions without a screen: scripts and typed lines in, facts and outcomes out."""
