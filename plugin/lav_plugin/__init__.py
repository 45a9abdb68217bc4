"""What runs inside an editor's own Python: standard library only, relative imports only."""
