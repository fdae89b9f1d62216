"""Benchmarks, each against a floor or a peer of the same run: ``uv run python -m tests.bench``."""
