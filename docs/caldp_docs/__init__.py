"""What pages of the documentation have generated from the code."""
