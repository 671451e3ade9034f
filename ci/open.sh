#!/usr/bin/env bash
# Push the proposals that another job laid down, on a branch of their own, for a pull request.
# Runs no model and no check, has no key: what it handles may come from a model.
#
#   PROPOSAL_OUT           the folder that propose.sh laid them in; alma-proposal
#   PROPOSAL_ONTO          the branch that they are for; empty: the one that is checked out
#   PROPOSAL_BRANCH        the branch to push; empty: alma/ and the name of the first proposal
#   PROPOSAL_PUSH_OPTIONS  for `git push --push-option`, one a line
#   PROPOSAL_REMOTE        origin
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

out=${PROPOSAL_OUT:-alma-proposal}
case $out in -*) out=./$out ;; esac
remote=${PROPOSAL_REMOTE:-origin}
onto=${PROPOSAL_ONTO:-$(git symbolic-ref --quiet --short HEAD || true)}

names=()
while IFS= read -r name; do
    names+=("$name")
done < <(find "$out" -mindepth 1 -maxdepth 1 -type d -exec basename -- {} \; |
    grep -xE '[0-9-]{10}-[a-z0-9-]+-[0-9a-f]{12}' | sort)
if [ "${#names[@]}" -eq 0 ]; then
    say "$out holds no proposal: there is nothing to open."
    exit 0
fi
branch=${PROPOSAL_BRANCH:-alma/${names[0]}}
for one in "$onto" "$branch"; do
    git check-ref-format "refs/heads/$one" || {
        say "'$one' is no branch's name. Say in PROPOSAL_ONTO which branch the proposal is for."
        exit 2
    }
done

git fetch --quiet --no-tags -- "$remote" "+refs/heads/$onto:refs/remotes/$remote/$onto"
git -c advice.detachedHead=false checkout --quiet --detach \
    "refs/remotes/$remote/$onto"
# Reports belong to whoever lands it, in each clone.
left=(result.json junit.xml sarif.json statement.intoto.json)
mkdir -p .alma/proposals
if [ ! -e .alma/proposals/.gitattributes ]; then
    printf '* -text -filter -ident\n' >.alma/proposals/.gitattributes # line ends stay as signed
fi
if [ ! -e .alma/proposals/.gitignore ]; then
    printf '/*/%s\n' "${left[@]}" >.alma/proposals/.gitignore
fi
git add --force -- .alma/proposals/.gitattributes .alma/proposals/.gitignore
for name in "${names[@]}"; do
    if [ -n "$(find "$out/$name" \( -name '.*' -o ! -type d ! -type f \) -print -quit)" ]; then
        say "$name holds hidden files or links, which no proposal has."
        exit 8
    fi
    rm -rf -- ".alma/proposals/$name"
    cp -R -P -- "$out/$name" .alma/proposals/
    (cd ".alma/proposals/$name" && rm -f -- "${left[@]}")
    quoted secretless alma proposals lint -- ".alma/proposals/$name"
    git add --force -- ".alma/proposals/$name"
done
if git diff --cached --quiet; then
    say "$onto has it already."
    exit 0
fi
git -c commit.gpgSign=false \
    -c user.name="$(git config user.name || echo alma)" \
    -c user.email="$(git config user.email || echo alma@localhost)" \
    commit --quiet --message "Proposal ${names[0]}"

options=()
while IFS= read -r line; do
    [ -z "$line" ] || options+=(--push-option="$line")
done <<<"${PROPOSAL_PUSH_OPTIONS:-}"
tell branch "$branch"
if git push --quiet ${options[@]+"${options[@]}"} -- "$remote" \
    "HEAD:refs/heads/$branch"; then
    say "Pushed: $branch"
    exit 0
fi
# A job that is run again finds its own branch: that is as it should be.
git fetch --quiet --no-tags -- "$remote" "refs/heads/$branch"
git diff --quiet HEAD FETCH_HEAD -- .alma/proposals || {
    say "$remote has another $branch. Delete it, or say another name in PROPOSAL_BRANCH."
    exit 1
}
say "$branch is there already."
