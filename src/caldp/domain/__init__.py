"""Facts about HST datasets and runs: frozen values and pure functions, on the standard library and attrs alone."""
