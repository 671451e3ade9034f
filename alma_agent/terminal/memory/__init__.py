"""`alma memory …`: the commands about what is remembered."""
