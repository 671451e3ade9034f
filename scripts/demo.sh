#!/usr/bin/env bash
# The main job on a copy of fixtures/flat: a run, a second run that recalls the first, the way back.
set -euo pipefail
fixture="$(cd "$(dirname "$0")/.." && pwd)/fixtures/flat"
project=$(mktemp -d "${TMPDIR:-/tmp}/alma-demo-XXXXXX")
trap 'rm -rf "$project"' EXIT

show() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }
fail() { printf 'demo: %s\n' "$1" >&2; exit 1; }

cp -R "$fixture/." "$project"
cd "$project"
git init --quiet .
git add --all
git -c user.name=demo -c user.email=demo@localhost commit --quiet --message "A small project"
check="python -m pytest -q -p no:cacheprovider"
export PYTHONDONTWRITEBYTECODE=1

show alma --version
show alma run "rename load to read_csv" --file app.py --check "$check" --yes --accept likely | tee "$project/.git/first.txt"
first=$(sed -n 's/.*Undo: alma undo \([0-9a-f]*\).*/\1/p' "$project/.git/first.txt")
show git diff --stat

printf '\nA second run: what the first one left in memory comes back.\n'
show alma run "rename read_csv to read_rows" --file app.py --check "$check" --yes --accept likely | tee "$project/.git/second.txt"
grep --quiet "recalled: \[$first\]" "$project/.git/second.txt" || fail "the first run was not recalled"

show alma memory decide "Rows are read all at once, not lazily" --reasoning "the files are small" --file app.py::read_rows
show alma memory search "is the sales file read lazily?"
show alma undo
show alma undo
git diff --exit-code --quiet || fail "undo did not bring the files back"
printf '\nThe files are as they were: git diff is empty.\n'
show alma log
show alma memory list

printf '\nFor others to review: a proposal, an approval that names its content, and the commit.\n'
export GIT_AUTHOR_NAME=demo GIT_AUTHOR_EMAIL=demo@localhost GIT_COMMITTER_NAME=demo GIT_COMMITTER_EMAIL=demo@localhost
show alma propose "rename load to read_csv" --file app.py --check "$check"
git diff --exit-code --quiet || fail "the proposal changed the files"
proposal=$(ls .alma/proposals | sed -n 's/.*-\([0-9a-f]\{12\}\)$/\1/p')
alma review "$proposal" --approve -m "as discussed" >/dev/null
show alma apply "$proposal"
show alma verify HEAD
git reset --quiet --hard HEAD~1

if [ -n "${OPENAI_API_KEY:-}" ] || [ -n "${OPENAI_BASE_URL:-}" ]; then
    printf '\nA model is configured: one task through it.\n'
    show alma run "Make mean() in stats.py raise ValueError for an empty sequence, and say so in its docstring" \
        --file stats.py --yes
    show git diff
    show alma undo || printf 'There was nothing to undo: the model proposed no change.\n'
else
    printf '\nNo model is configured (OPENAI_API_KEY or OPENAI_BASE_URL), so none was asked.\n'
fi
