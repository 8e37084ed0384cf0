"""Capsules: a run with its inputs and references in one file, a BagIt bag that is an RO-Crate too."""
