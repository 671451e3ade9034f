# Read by the scripts beside it, with `.`: what they share. It runs nothing by itself.

# What belongs to the forge and its runner: its tokens, and the files by which a step sets variables
# for the steps after it.
forges_own='GH_TOKEN|GITHUB_(TOKEN|ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)|ACTIONS_.*'
forges_own="$forges_own|CI_REPOSITORY_URL|CI_.*(TOKEN|PASSWORD|JWT.*)"
# What a project keeps besides; and the keys of models and of memory, which only proposing needs.
others='.*(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?|PRIVATE_KEY|ACCESS_KEY)(_.*)?'
others="$others|(.*_)?(JWT.*|PAT|PASS|AUTH|AUTH_CONFIG)|.*_PWD|SSH_AUTH_SOCK"
keys="$others|.*_API_KEY|ALMA_EMBEDDER_KEY|ALMA_LEDGER_URL"

# git, without the programs that a checkout can name to it: no hook, no monitor of its files.
git() {
    command git -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"
}

say() {
    printf 'alma: %s\n' "$*" >&2
}

# Run a command with nothing on standard input, and without the variables of these names (a regular
# expression, in capitals or not). What a proposal's check does not have, it cannot tell anybody.
without() {
    local hidden=() name names=$1
    shift
    shopt -s nocasematch
    while IFS= read -r name; do
        [[ ! $name =~ ^($names)$ ]] || hidden+=(-u "$name")
    done < <(compgen -e)
    shopt -u nocasematch
    env ${hidden[@]+"${hidden[@]}"} "$@" </dev/null
}

secretless() {
    without "$forges_own|$keys" "$@"
}

# Run a command whose output may hold anybody's lines: none of them is a command to GitHub's runner.
quoted() {
    local mark="" code=0
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        mark=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
        printf '::stop-commands::%s\n' "$mark"
    fi
    "$@" 2>&1 || code=$?
    [ -z "$mark" ] || printf '\n::%s::\n' "$mark"
    return "$code"
}

# Make a folder for reports, unless it is the checkout's own: a link would lead them elsewhere, and
# a file of somebody's would pass for one.
make_reports() {
    if [ -L "$1" ] || [ -n "$(git ls-files -- "$1" 2>/dev/null)" ]; then
        say "$1 belongs to the repository. Name another folder in PROPOSAL_REPORTS."
        exit 2
    fi
    mkdir -p -- "$1"
}

# Fetch the history that a clone of depth 1 lacks; 1 if this is none.
deepened() {
    [ "$(git rev-parse --is-shallow-repository)" = true ] || return 1
    say "This clone has no history; fetching it."
    git fetch --quiet --unshallow -- "$1"
}

# Tell a value to the steps after this one, where the forge has a way to do it.
tell() {
    case $2 in *$'\n'*) return ;; esac
    [ -z "${GITHUB_OUTPUT:-}" ] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}
