"""The real bot on a simulated Discord and a local Segmind: for the demo and for tests."""
