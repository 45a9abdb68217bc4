"""The wire: generated from relight.proto, whose comments are the documentation."""
