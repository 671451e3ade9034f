"""Where `-o` puts a result: a file is written as a whole, and what is no file stays what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alma_agent.errors import UsageError
from alma_agent.terminal.envelope import write_output


def test_what_is_no_file_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "nothing"
    link.symlink_to(os.devnull)

    write_output(link, "told\n")

    assert link.is_symlink()
    assert not Path(os.devnull).is_file()


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    link.symlink_to(file)

    write_output(link, "told\n")

    assert link.is_symlink()
    assert file.read_text() == "told\n"
    assert {one.name for one in tmp_path.iterdir()} == {"file", "link"}


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write_output(tmp_path, "told\n")
