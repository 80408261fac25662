#!/usr/bin/env bash
# Measures the agent and versions of GoReplay side by side, in one run on this machine. README.md here says how to read it.
#
# usage: scripts/bench/mirror.sh [--rounds N] [--seconds N] [--cases NAME,...] [--mirrors NAME,...] [--no-build] [--list]
#
# Wants root, for network namespaces. Writes build/bench/results/mirror.md and mirror.json. A full run takes about
# 45 minutes; `--rounds 1 --seconds 5 --cases get-2000,capture-get-10000` about three.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=scripts/bench/arguments.sh
source scripts/bench/arguments.sh "$@"

if $build; then
  scripts/dependencies.sh build test bench
  cmake --preset release >/dev/null
  cmake --build --preset release --target understudy-agent shadow-server load-generator capture-generator
  scripts/bench/gor.sh
fi
exec python3 -B scripts/bench/mirror.py "${arguments[@]}"
