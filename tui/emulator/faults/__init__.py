"""Faults between a dialogue and its client: a pure stage, effects in, effects out, no clock.

A session without faults has no stage.
"""
