"""What code means, asked before it moves: blocks, scopes, evaluation order, bytecode."""
