"""Offline checks: a proof and trusted keys in, a verdict out; opens nothing."""
