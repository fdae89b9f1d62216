"""Scripts of sessions without a screen: what to do, what to wait for, what to expect."""
