"""Benchmarks: every number of the documentation, printed again by a command."""
