"""What a person may choose of a session: its fields, their values, and the setup they make."""
