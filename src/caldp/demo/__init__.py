"""The demonstration: the whole way on a simulated observation, with faults on purpose."""
