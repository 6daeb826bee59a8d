"""Pixels (in a child process) and the image store."""
