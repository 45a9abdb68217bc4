"""Frames, light and models: relights clips; knows no wire, no jobs and no hosts."""
