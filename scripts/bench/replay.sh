#!/usr/bin/env bash
# Measures understudy-replay beside vegeta, k6, hey, h2load, wrk and GoReplay, in one run. README.md here says how to read it.
#
# usage: scripts/bench/replay.sh [--rounds N] [--seconds N] [--cases NAME,...] [--tools NAME,...] [--quiet PERCENT]
#                                [--no-build] [--list]
#
# Wants root, to look at packets. Writes build/bench/results/replay.md and replay.json. A full run takes about 25 minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=scripts/bench/arguments.sh
source scripts/bench/arguments.sh "$@"

if $build; then
  scripts/dependencies.sh build test bench
  cmake --preset release >/dev/null
  cmake --build --preset release --target understudy-replay understudy-agent
  scripts/bench/gor.sh v1.0.0 v1.3.2
  scripts/bench/rivals.sh
fi
exec python3 -B scripts/bench/replay.py "${arguments[@]}"
