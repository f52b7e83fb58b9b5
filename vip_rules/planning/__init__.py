"""Making plans: what was decided, with its evidence; what falls due; what is known; what is safe."""
