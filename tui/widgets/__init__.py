"""Widgets, one a file; they draw what the core says and know nothing else."""
