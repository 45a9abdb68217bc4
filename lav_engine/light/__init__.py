"""Lights: lamps and keyframes, words and presets, exposure."""
