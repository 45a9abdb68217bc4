"""The local page: what a browser on this computer is shown and may ask for."""
