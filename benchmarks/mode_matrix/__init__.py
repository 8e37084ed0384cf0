"""Parts of the matrix of modes: observations, engines by hand, runs of caldp, comparison, judgement."""
