"""Frames in and out of files: PyAV for planes, our own float YUV <-> RGB."""
