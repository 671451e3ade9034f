"""Whole refactorings over a draft: a request becomes a `ChangeSet` with evidence."""
