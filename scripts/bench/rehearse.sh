#!/usr/bin/env bash
# How often a rehearsal's verdict is right: equal builds many times over, and a candidate that lost an index.
#
# usage: scripts/bench/rehearse.sh [--times N] [--bin FOLDER]
#
# Each rehearsal has clones of its own and takes about half a minute on an idle machine; a busy one spoils pairs, and more
# verdicts are inconclusive. Prints a table, says why a verdict was not `equivalent` on standard error, and ends with 1 when an equal build was
# found better or worse more often than 1 time of 20, or when a lost index was not found.
set -euo pipefail
cd "$(dirname "$0")/../.."

times=20
programs=$PWD/build/release/bin
while (($#)); do
  case "$1" in
    --times) times="${2:?--times wants a number}"; shift ;;
    --bin) programs="${2:?--bin wants a folder}"; shift ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "rehearse.sh: unknown argument '$1'" >&2; exit 2 ;;
  esac
  shift
done
UNDERSTUDY_BIN=$(cd "$programs" && pwd) exec python3 -B scripts/bench/rehearse.py "$times"
