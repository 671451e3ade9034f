"""What the keys do at the prompt, where it is not what a line editor does anyway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_completions, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from alma_agent.terminal.repl.lines import carried_on, is_unfinished

_at_prompt = has_focus(DEFAULT_BUFFER)


@Condition
def _has_text() -> bool:
    return bool(get_app().current_buffer.text)


def bindings(cycle_mode: Callable[[], Any]) -> KeyBindings:
    """Return the keys of the prompt; Shift-Tab calls `cycle_mode`."""
    keys = KeyBindings()
    keys.add(Keys.Enter, filter=_at_prompt)(_enter)
    keys.add(Keys.Escape, Keys.Enter, filter=_at_prompt)(_new_line)
    keys.add(Keys.ControlJ, filter=_at_prompt)(_new_line)
    keys.add(Keys.ControlC, filter=_at_prompt & _has_text)(_clear)

    @keys.add(Keys.BackTab, filter=_at_prompt & ~has_completions)
    def _(event: KeyPressEvent) -> None:
        cycle_mode()
        event.app.invalidate()

    return keys


def _enter(event: KeyPressEvent) -> None:
    """Take the completion that is chosen; else send the text, or go on with an unfinished one."""
    typed = event.current_buffer
    if typed.complete_state and typed.complete_state.current_completion:
        typed.complete_state = None
    elif is_unfinished(typed.text):
        _go_on(typed)
    else:
        typed.validate_and_handle()


def _go_on(typed: Buffer) -> None:
    if typed.document.is_cursor_at_the_end:
        text = carried_on(typed.text)
        typed.document = Document(text, len(text))
    else:
        typed.newline(copy_margin=False)


def _new_line(event: KeyPressEvent) -> None:
    """Begin a line. Not at the beginning: there it is an Enter that was typed during a turn."""
    if event.current_buffer.text:
        event.current_buffer.newline(copy_margin=False)


def _clear(event: KeyPressEvent) -> None:
    """Drop what was typed; Ctrl-_ brings it back."""
    typed = event.current_buffer
    typed.save_to_undo_stack()
    typed.document = Document()
