#!/usr/bin/env bash
# Make a proposal, and lay it down for another job. It may have a model's key; it pushes nothing.
#
#   PROPOSAL_GOAL   what to do, in words
#   PROPOSAL_DIFF   a revision or a range, A..B: propose its change, which the goal describes
#   PROPOSAL_FILE   the file to begin with
#   PROPOSAL_SCOPE  globs of what may be changed, one a line
#   PROPOSAL_CHECK  a command that must pass; no shell runs it
#   PROPOSAL_BASE   the revision to propose over; empty: what is checked out
#   PROPOSAL_OUT    the folder to lay it in; alma-proposal
#
# It ends with alma's exit code; with 0 and nothing laid down if there is nothing to change.
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

out=${PROPOSAL_OUT:-alma-proposal}
case $out in -*) out=./$out ;; esac

names() {
    find .alma/proposals -mindepth 1 -maxdepth 1 -type d ! -name '.*' 2>/dev/null | sort || true
}

options=()
[ -z "${PROPOSAL_BASE:-}" ] || options+=(--base="$PROPOSAL_BASE")
[ -z "${PROPOSAL_FILE:-}" ] || options+=(--file="$PROPOSAL_FILE")
[ -z "${PROPOSAL_CHECK:-}" ] || options+=(--check="$PROPOSAL_CHECK")
[ -z "${PROPOSAL_DIFF:-}" ] || options+=(--from-diff="$PROPOSAL_DIFF")
while IFS= read -r line; do
    [ -z "$line" ] || options+=(--scope="$line")
done <<<"${PROPOSAL_SCOPE:-}"

# Whoever started the job is the author: by most policies, somebody else has to approve.
if [ -z "${GIT_AUTHOR_EMAIL:-$(git config user.email || true)}" ]; then
    export GIT_AUTHOR_NAME="${GITHUB_ACTOR:-${GITLAB_USER_NAME:-alma}}"
    export GIT_AUTHOR_EMAIL="${GITLAB_USER_EMAIL:-alma@localhost}"
    [ -z "${GITHUB_ACTOR:-}" ] ||
        GIT_AUTHOR_EMAIL="${GITHUB_ACTOR_ID:-0}+$GITHUB_ACTOR@users.noreply.github.com"
fi

mkdir -p -- "$out"
before=$(names)
# It may have a model's key, but nothing by which it, or a check, could write to the forge.
quoted without "$forges_own|$others" alma propose ${options[@]+"${options[@]}"} -- "${PROPOSAL_GOAL:-}"
made=$(comm -13 <(printf '%s\n' "$before") <(names))
if [ -z "$made" ]; then
    say "There is nothing to propose."
    exit 0
fi
cp -R -P -- "$made" "$out/"
tell proposal "$(basename -- "$made")"
say "Proposed: $out/$(basename -- "$made")"
