#!/usr/bin/env bash
# Land every proposal that has its approvals, and push. No model, no key.
#
#   PROPOSAL_IDS      ids, one a line; empty: all that are in the branch's tree
#   PROPOSAL_ONTO     the branch to land on; empty: the one that is checked out
#   PROPOSAL_BRANCH   push to this new branch, not to the one that is landed on
#   PROPOSAL_DRIFT    refuse, replay or merge; empty: what the policy says
#   PROPOSAL_PUSH     true (default), or false: land on what is checked out, push nothing
#   PROPOSAL_REPORTS  a folder for the reports; alma-reports
#   PROPOSAL_TRIES    how often to land anew because somebody pushed first; 5
#   PROPOSAL_REMOTE   origin
#
# It ends with 0 if everything landed that may, or had landed before; else with alma's exit code.
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

remote=${PROPOSAL_REMOTE:-origin}
onto=${PROPOSAL_ONTO:-}
branch=${PROPOSAL_BRANCH:-}
reports=${PROPOSAL_REPORTS:-alma-reports}
tries=${PROPOSAL_TRIES:-5}
worst=0
tell sarif "$reports"

usage() {
    say "$1"
    exit 2
}

# Names go into the names of files: nothing but ids, and names of folders.
ids=$(printf '%s\n' "${PROPOSAL_IDS:-}" | tr -s ' ,' '\n\n' | sed '/^$/d')
while IFS= read -r id; do
    [[ $id =~ ^([0-9-]{10}-[a-z0-9-]+-)?[0-9a-f]*$ ]] || usage "'$id' is no proposal's id."
done <<<"$ids"

# What lands is on a detached HEAD: no local branch is touched, and none can be in the way.
bring() {
    git fetch --quiet --no-tags -- "$remote" "+refs/heads/$onto:refs/remotes/$remote/$onto"
    git -c advice.detachedHead=false checkout --quiet --force --detach "refs/remotes/$remote/$onto"
}

names() {
    if [ -n "$ids" ]; then
        printf '%s\n' "$ids"
    else
        git ls-tree --name-only HEAD -- .alma/proposals/ |
            sed -nE 's#^\.alma/proposals/([0-9-]{10}-[a-z0-9-]+-[0-9a-f]{12})$#\1#p'
    fi
}

applied() {
    local options=(--in-place --json) kind
    for kind in junit=junit.xml sarif=sarif statement=intoto.json text=txt summary=md \
        github=commands; do
        options+=(--report="${kind%=*}=$reports/$1.${kind#*=}")
    done
    rm -f -- "$reports/$1".* # of a run before, or of an attempt that was not pushed
    [ -z "${PROPOSAL_DRIFT:-}" ] || options+=(--drift="$PROPOSAL_DRIFT")
    secretless alma apply "${options[@]}" -- "$1" >"$reports/$1.json" 2>"$reports/$1.log"
}

# Of proposals that nobody named, those that wait for a decision, or had a no, are left where they are.
is_left() {
    [ -z "$ids" ] && grep -qxE -- '    "type": "(NotApproved|Rejected)",' "$1"
}

# Those that landed before stay in the branch: each has a line, and no annotation.
is_old() {
    grep -qxF -- '    "outcome": "already applied",' "$1.json" || return 1
    local by
    by=$(sed -nE 's/^    "commit": "([0-9a-f]{12})[0-9a-f]*",$/\1/p' "$1.json")
    if [ -n "$by" ]; then
        say "${1##*/} landed before, by $by."
    else
        say "What ${1##*/} changes is there already."
    fi
}

show() {
    quoted show_all "$reports/$1.log" "$reports/$1.txt"
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        show_all "$reports/$1.commands"
        [ -z "${GITHUB_STEP_SUMMARY:-}" ] || show_all "$reports/$1.md" >>"$GITHUB_STEP_SUMMARY"
    fi
}

show_all() {
    local file
    for file in "$@"; do
        [ ! -f "$file" ] || cat -- "$file"
    done
}

land() {
    local name code
    worst=0
    while IFS= read -r name <&3; do
        [ -n "$name" ] || continue
        code=0
        applied "$name" || code=$?
        case $code in
            6 | 7) # history may show that it landed long ago, or bring the base that is missing
                if deepened "$remote"; then
                    code=0
                    applied "$name" || code=$?
                fi
                ;;
        esac
        if [ "$code" -ne 0 ] && is_left "$reports/$name.json"; then
            say "$name is left where it is: it has not the approvals that it needs."
            rm -f -- "$reports/$name".*
            continue
        fi
        if [ "$code" -ne 0 ] || ! is_old "$reports/$name"; then
            show "$name"
        fi
        [ "$code" -eq 0 ] || [ "$worst" -ne 0 ] || worst=$code
    done 3< <(names)
}

pushed() {
    git push --quiet -- "$remote" "HEAD:refs/heads/${branch:-$onto}"
}

# A job that is run again finds the branch that it pushed the first time.
is_there() {
    git fetch --quiet --no-tags -- "$remote" "refs/heads/$branch" 2>/dev/null &&
        git diff --quiet HEAD FETCH_HEAD
}

if [ "${PROPOSAL_PUSH:-true}" != true ]; then
    make_reports "$reports"
    land
    tell commit "$(git rev-parse HEAD)"
    exit "$worst"
fi

[ -n "$onto" ] || onto=$(git symbolic-ref --quiet --short HEAD) ||
    usage "No branch is checked out here (a run before leaves it so). Set PROPOSAL_ONTO, or the \
action's input \`onto\`, to the branch to land on."
git check-ref-format "refs/heads/$onto" || usage "$onto is no branch's name."
git check-ref-format "refs/heads/${branch:-$onto}" || usage "$branch is no branch's name."
[ -z "$(git status --porcelain --untracked-files=no)" ] ||
    usage "This checkout has changes, which would be lost. Run it in one of its own."

while :; do
    bring
    make_reports "$reports"
    before=$(git rev-parse HEAD)
    land
    if [ "$(git rev-parse HEAD)" = "$before" ]; then
        say "Nothing new lands on $onto."
        break
    fi
    if pushed; then
        say "Pushed to $remote/${branch:-$onto}: $(git rev-parse --short=12 HEAD)."
        break
    fi
    now=$(git ls-remote -- "$remote" "refs/heads/$onto" | cut -f1)
    if [ -n "$branch" ] && is_there; then
        say "$branch is there already."
        break
    fi
    if [ "$now" = "$before" ] || [ -n "$branch" ]; then
        say "$remote does not take the push. Nothing was moved there."
        exit 1
    fi
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
        say "Somebody else pushed to $onto each time. Nothing was moved there. Run it again."
        exit 6
    fi
    say "Somebody pushed to $onto first; landing anew."
done
tell commit "$(git rev-parse HEAD)"
exit "$worst"
