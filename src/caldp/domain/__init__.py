"""What is true about HST datasets: frozen values and pure functions, on the standard library and attrs alone."""
