"""Sources and apertures."""
