"""Facts about HST datasets: names, instruments, associations, files."""
