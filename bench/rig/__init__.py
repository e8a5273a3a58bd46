"""What the benchmarks are made of: processes of their own, callers, clocks and tables."""
