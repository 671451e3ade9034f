"""Fixtures that these tests share."""

from tests.databases import ledger, where

__all__ = ["ledger", "where"]
