"""In-memory adapters for fast tests; each passes the contract suite of its port."""
