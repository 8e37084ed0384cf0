"""Parts of the documentation's pages that are generated from the code."""
