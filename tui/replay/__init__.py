"""The time machine: a recording played again, its sound and pictures in time."""
