#!/usr/bin/env bash
# Say whether commits are exactly approved proposals. No model, no key.
#
#   PROPOSAL_RANGE    a commit or A..B; empty: PROPOSAL_BASE..HEAD, or HEAD without one
#   PROPOSAL_BASE     where the branch began; its policy holds, whatever the branch says
#   PROPOSAL_EVERY    true: what is no proposal fails, too
#   PROPOSAL_REPORTS  a folder for the reports; alma-reports
#   PROPOSAL_REMOTE   origin
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

remote=${PROPOSAL_REMOTE:-origin}
reports=${PROPOSAL_REPORTS:-alma-reports}
base=${PROPOSAL_BASE:-}
range=${PROPOSAL_RANGE:-${base:+$base..}HEAD}

tell sarif "$reports"
deepened "$remote" || true
# Of a branch that is new, a forge says that it was at 000... before: then its newest commit it is.
[[ ! $base =~ ^0+$ ]] || base=""
if [[ $range =~ ^0+\.\.\.?(.+)$ ]]; then
    range=${BASH_REMATCH[1]}
    before=$(git rev-parse --verify --quiet --end-of-options "$range~1") && range="$before..$range"
fi
make_reports "$reports"
options=()
for kind in junit=junit.xml sarif=sarif summary=md github=commands; do
    options+=(--report="${kind%=*}=$reports/verify.${kind#*=}")
done
[ "${PROPOSAL_EVERY:-false}" != true ] || options+=(--every)
[ -z "$base" ] || options+=(--policy="$base")
code=0
quoted secretless alma verify "${options[@]}" -- "$range" || code=$?
if [ "${GITHUB_ACTIONS:-}" = true ] && [ -f "$reports/verify.commands" ]; then
    cat -- "$reports/verify.commands"
    [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat -- "$reports/verify.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
