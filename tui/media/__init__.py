"""Sound devices (and files in their place)."""
