"""What the model can do: read the project as the draft has it, and stage edits on the draft.

Plain functions over a `Desk`, wrapped for the SDK. Results are short text with line numbers; errors
are the toolset's own sentences. Nothing here writes a file.
"""

from alma_agent.proposer.tools.catalogue import (
    CHECKING,
    EDITING,
    FINISH,
    READING,
    fits,
    parameters,
    tools,
)
from alma_agent.proposer.tools.checking import until_finished
from alma_agent.proposer.tools.desk import Desk, FindCode
from alma_agent.proposer.tools.outlines import outline
from alma_agent.proposer.tools.telling import told_to_model

__all__ = [
    "CHECKING",
    "EDITING",
    "FINISH",
    "READING",
    "Desk",
    "FindCode",
    "fits",
    "outline",
    "parameters",
    "told_to_model",
    "tools",
    "until_finished",
]
