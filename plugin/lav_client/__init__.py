"""The `lav` command and everything that speaks to the server for an editor."""
