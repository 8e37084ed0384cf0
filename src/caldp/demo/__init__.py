"""The demonstration: whole runs on simulated observations, and injected faults."""
