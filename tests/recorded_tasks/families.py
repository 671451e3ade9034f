"""All recorded tasks, by what kind of work they are."""

from __future__ import annotations

from tests.recorded_tasks.bug_fixes import BUG_FIXES
from tests.recorded_tasks.documents import DOCUMENTS
from tests.recorded_tasks.features_by_hand import BY_HAND
from tests.recorded_tasks.features_by_refactoring import BY_REFACTORING
from tests.recorded_tasks.new_functions import NEW_FUNCTIONS
from tests.recorded_tasks.recorded import RecordedTask
from tests.recorded_tasks.tests_written import TESTS_WRITTEN

FAMILIES: dict[str, tuple[RecordedTask, ...]] = {
    "bug fixes": BUG_FIXES,
    "new functions": NEW_FUNCTIONS,
    "features over several files": BY_HAND + BY_REFACTORING,
    "tests": TESTS_WRITTEN,
    "documents": DOCUMENTS,
}
TASKS = tuple(task for tasks in FAMILIES.values() for task in tasks)
