"""The ports: one Protocol and its values a file.

The docstring of a port is its contract. Every adapter, and every fake, passes the contract suite of its port in
``tests/contracts``. Failures are raised as the errors of `caldp.domain.errors`, never as a library's own.
"""
