"""Screens: compositions of widgets."""
