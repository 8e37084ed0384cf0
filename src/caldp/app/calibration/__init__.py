"""Parts of a calibration that its steps, and plans of it, have in common."""
