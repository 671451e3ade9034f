#!/usr/bin/env bash
# Install alma for the steps after this one, into an environment of its own; nothing else comes onto
# PATH, so that a project's checks find their own Python.
#
#   PROPOSAL_MODE    propose gets the packages for models, everything else does without
#   PROPOSAL_ALMA    empty: this very checkout; installed: what is on PATH; else a version of alma
#   PROPOSAL_PYTHON  the Python to use, 3.11 or newer; python3
#   PROPOSAL_HOME    the folder to install into; alma-ci in the runner's folder for such things
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

source=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
home=${PROPOSAL_HOME:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/alma-ci}

if [ "${PROPOSAL_ALMA:-}" = installed ]; then
    secretless alma --version >&2
    exit 0
fi
lock=$source/requirements-apply.lock
[ "${PROPOSAL_MODE:-apply}" != propose ] || lock=$source/requirements.lock

# -I: what lies in the checkout that this is run in, such as a pip.py, is not Python's.
pip() {
    secretless "$home/bin/python" -Im pip --quiet --disable-pip-version-check "$@"
}

secretless "${PROPOSAL_PYTHON:-python3}" -Im venv --clear -- "$home"
pip install --require-hashes --requirement "$lock"
if [ -n "${PROPOSAL_ALMA:-}" ]; then
    pip install --no-deps "alma-agent==$PROPOSAL_ALMA"
else
    pip install --no-deps --no-build-isolation "$source"
fi
mkdir -p -- "$home/path"
ln -sf ../bin/alma "$home/path/alma"
[ -z "${GITHUB_PATH:-}" ] || printf '%s\n' "$home/path" >>"$GITHUB_PATH"
