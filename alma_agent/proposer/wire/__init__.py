"""Everything between the SDK's loop and the endpoint: replies mended, failures told, retries.

`SturdyModel` wraps the SDK's model; `retry_settings` go into `ModelSettings.retry`; what is raised
nevertheless is sorted by `is_transient` and `is_context_overflow`, and told by `explained`.
"""

from alma_agent.proposer.wire.answers import usage_is_unknown
from alma_agent.proposer.wire.errors import CutOff, NoAnswer, TooLongToWait
from alma_agent.proposer.wire.failures import explained, is_context_overflow, is_transient
from alma_agent.proposer.wire.retries import retry_settings
from alma_agent.proposer.wire.sturdy import SturdyModel

__all__ = [
    "CutOff",
    "NoAnswer",
    "SturdyModel",
    "TooLongToWait",
    "explained",
    "is_context_overflow",
    "is_transient",
    "retry_settings",
    "usage_is_unknown",
]
