#!/usr/bin/env bash
# Check the form of all proposals and exported memories in this checkout. No model, no key.
set -euo pipefail
. "$(dirname -- "$0")/secretless.sh"

code=0
quoted secretless alma proposals lint || code=$?
quoted secretless alma memory lint || code=$((code ? code : $?))
exit "$code"
