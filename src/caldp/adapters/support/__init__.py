"""What several adapters use and no port is: tarballs, selection, file system errors."""
