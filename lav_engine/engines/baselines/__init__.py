"""Baselines that a relighter must beat. Plain engines, known to benchmarks and tests only."""
