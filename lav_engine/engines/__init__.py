"""Engines, one folder each, found through the entry point group `lav.engines`."""
