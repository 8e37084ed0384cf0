"""The contract with CALCLOUD, which runs caldp as AWS Batch jobs; `caldp.calcloud` re-exports what is public."""
