"""Use case: compare two sides, each an output, a directory of products, a tarball or a record."""
