"""A program that only prompts, for the tests of the prompt: it repeats what it read."""

from __future__ import annotations

from pathlib import Path

from alma_agent.records import Mode
from alma_agent.terminal.repl.prompt import Prompt
from toolset.workspace import Workspace


class State:
    """Where a conversation stands."""

    def __init__(self) -> None:
        self.mode: Mode = "ask"

    def status(self) -> str:
        return "gpt-5 | main | 1,234 tokens | $0.02"


def main() -> None:
    state = State()
    commands = {"model": "choose a model", "undo": "take a change back"}
    prompt = Prompt(Workspace(Path.cwd()), state, commands)
    while True:
        try:
            print("read", repr(prompt.read()), flush=True)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        except EOFError:
            print("the end", flush=True)
            return


if __name__ == "__main__":
    main()
