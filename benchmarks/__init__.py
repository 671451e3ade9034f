"""What alma costs, beside its peers, each in one run."""
