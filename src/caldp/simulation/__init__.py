"""Hubble in a box: made-up observations with all that their calibration needs, written on the spot."""

from caldp.simulation.comparison import Comparison, Fit, compare_with_truth
from caldp.simulation.simulate import DATASETS, INSTRUMENTS, SimulatedObservation, observation_in, simulate

__all__ = [
    "DATASETS",
    "INSTRUMENTS",
    "Comparison",
    "Fit",
    "SimulatedObservation",
    "compare_with_truth",
    "observation_in",
    "simulate",
]
