"""What a run of `alma apply` or `alma verify` came to, in the forms that others read: pure text."""
