"""Runs the measurement: python -m benchmarks."""

from benchmarks.readings import main

main()
