#!/usr/bin/env bash
# Runs every fuzzer of the fuzz preset, two at a time, for a bounded time each: those of what comes from the wire for N
# seconds, the others for a third of that.
#
# usage: scripts/fuzz.sh [--seconds N]     (60 by default; build first: cmake --preset fuzz && cmake --build --preset fuzz --target fuzzers)
#
# The corpus that a fuzzer grows is kept in build/fuzz/corpus/NAME; inputs that broke something once are under
# tests/fuzz/regressions/NAME and are run first. A finding is written to build/fuzz/findings/NAME-*.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60
[[ "${1:-}" == --seconds ]] && seconds="${2:?--seconds wants a number}"

fuzz_one() {
  local fuzzer="$1" seconds="$2" name corpus log
  name=$(basename "$fuzzer")
  corpus="build/fuzz/corpus/$name"
  log="build/fuzz/$name.log"
  mkdir -p "$corpus" build/fuzz/findings
  local seeds=()
  [[ -d "tests/fuzz/regressions/$name" ]] && seeds+=("tests/fuzz/regressions/$name")
  case "$name" in
    fuzz_decode | fuzz_reassembly | fuzz_message_reader) ;;
    *) seconds=$((seconds / 3 > 0 ? seconds / 3 : 1)) ;;
  esac
  case "$name" in fuzz_message_reader | fuzz_pairing) seeds+=(-dict=tests/fuzz/http.dict) ;; esac
  if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/findings/$name-" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
    echo "passed: $name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs)"
  else
    echo "FAILED: $name; the end of $log:"
    tail -n 30 "$log"
    return 1
  fi
}
export -f fuzz_one

shopt -s nullglob
fuzzers=(build/fuzz/bin/fuzz_*)
((${#fuzzers[@]})) || { echo "fuzz.sh: no fuzzers in build/fuzz/bin; build the fuzz preset first" >&2; exit 1; }
printf '%s\0' "${fuzzers[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' _ {} "$seconds"
