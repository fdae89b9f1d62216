"""One session without I/O: what is said in it, answered, called, resumed and kept."""
