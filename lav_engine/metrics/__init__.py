"""Numbers about a relit clip, measured beside its source."""
