"""Memories as files of text, so that a team's decisions travel with its repository.

A folder holds two forms of each memory: a page of Markdown for people, a line of JSON for machines.
Lines hold every version that a memory had, so that what two people did can be united in any order;
pages may be edited by hand. Files from elsewhere are data: checked whole before anything is kept.
"""

from alma_agent.memory.exchange.exporting import SHARED, Exported, export, forget_in
from alma_agent.memory.exchange.folder import SharedFilesRefused
from alma_agent.memory.exchange.importing import Imported, import_
from alma_agent.memory.exchange.loading import forgotten_in, read_only_memories

__all__ = [
    "SHARED",
    "Exported",
    "Imported",
    "SharedFilesRefused",
    "export",
    "forget_in",
    "forgotten_in",
    "import_",
    "read_only_memories",
]
