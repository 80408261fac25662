#!/usr/bin/env bash
# Gets the load tools that replay is measured beside: vegeta and k6 through the Go module proxy, hey from Debian.
#
# usage: scripts/bench/rivals.sh [vegeta|k6|hey ...]
#
# One that cannot be had is named and left out. Results: build/bench/rivals/NAME. wrk and h2load come with the tests'
# packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

wanted=("$@")
((${#wanted[@]})) || wanted=(vegeta hey k6)
out="$PWD/build/bench/rivals"
mkdir -p "$out"

get() {
  case "$1" in
    vegeta) GOBIN="$out" GOFLAGS=-mod=mod nice go install github.com/tsenart/vegeta/v12@v12.13.0 ;;
    k6) GOBIN="$out" GOFLAGS=-mod=mod nice go install go.k6.io/k6@v1.8.1 ;;
    hey) scripts/dependencies.sh rivals && ln -sf "$(command -v hey)" "$out/hey" ;;
    *) echo "rivals.sh: no rival named '$1'; there are vegeta, hey and k6" >&2; return 2 ;;
  esac
}

for name in "${wanted[@]}"; do
  if [[ -x "$out/$name" ]]; then
    echo "$name: there already"
  elif get "$name" >"$out/$name.log" 2>&1; then
    echo "$name: ready"
  else
    echo "$name: cannot be had here, left out: $(tail -n 1 "$out/$name.log")"
  fi
done
