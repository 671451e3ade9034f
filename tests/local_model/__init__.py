"""An opt-in suite: a small model, served over HTTP on this machine, drives real runs."""
