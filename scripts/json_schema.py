"""Write docs/schema/alma-N.schema.json, the schema of what `--json` prints; a test compares it.

python scripts/json_schema.py
"""

from __future__ import annotations

import json
from pathlib import Path

from alma_agent.terminal.envelope import VERSION
from alma_agent.terminal.schema import schema

_ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = _ROOT / "docs" / "schema" / f"alma-{VERSION}.schema.json"


def published() -> str:
    return json.dumps(schema(), indent=2) + "\n"


def main() -> None:
    PUBLISHED.parent.mkdir(exist_ok=True)
    PUBLISHED.write_text(published(), encoding="utf-8")


if __name__ == "__main__":
    main()
