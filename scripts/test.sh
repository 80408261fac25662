#!/usr/bin/env bash
# Installs what the tests need, builds, and runs the tests.
#
# usage: scripts/test.sh [--ci | --all] [--windows] [--fuzz-seconds N]
#
#   (nothing)         release build; unit, golden, property and end-to-end tests
#   --windows         that, and the cross build for Windows with its tests under Wine
#   --ci              that, the fuzzers for N seconds each (60; a third of it for those of files), and the formatting
#   --all             that, and the unit tests again under AddressSanitizer and UBSan, and those of the concurrent parts
#                     under ThreadSanitizer
#   --fuzz-seconds N  how long the fuzzers of packets and messages run
#
# The last line is `N passed, N failed`. The end-to-end tests make network namespaces and so want root; without it they
# say so and are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

ci=false
all=false
windows=false
fuzz_seconds=60
while (($#)); do
  case "$1" in
    --windows) windows=true ;;
    --ci) ci=true; windows=true ;;
    --all) ci=true; windows=true; all=true ;;
    --fuzz-seconds) fuzz_seconds="${2:?--fuzz-seconds wants a number}"; shift ;;
    -h|--help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown argument '$1'; see scripts/test.sh --help" >&2; exit 2 ;;
  esac
  shift
done

# A compiler cache hit must not depend on where the checkout lies.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

passed=0
failed=0
logs="build/test-logs"
mkdir -p "$logs"

step() { printf '\n== %s (%(%H:%M:%S)T)\n' "$1" -1; }

# Adds the counts of one CTest run's log. A run without its summary line counts as one failure.
add_ctest() {
  local log="$1" summary failures total
  summary=$(grep -E 'tests passed, [0-9]+ tests failed out of [0-9]+' "$log" | tail -n 1) || true
  if [[ -z "$summary" ]]; then
    failed=$((failed + 1))
    return
  fi
  failures=$(sed -E 's/.*passed, ([0-9]+) tests failed.*/\1/' <<<"$summary")
  total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$summary")
  local skipped
  skipped=$(grep -cE '\*\*\*Skipped' "$log") || true
  passed=$((passed + total - failures - skipped))
  failed=$((failed + failures))
  ((skipped == 0)) || echo "$skipped tests were left out; the reasons are in $log"
}

run_ctest() {  # run_ctest PRESET [CTEST ARGUMENTS ...]
  local preset="$1" log="$logs/$1.log"
  shift
  # With a second try, and the first failure shown: the tests share the machine with whatever else runs on it.
  ctest --preset "$preset" --repeat until-pass:2 "$@" >"$log" 2>&1 || true
  grep -E '\*\*\*' "$log" | grep -v Skipped | head -n 40 || true
  tail -n 4 "$log"
  add_ctest "$log"
}

check() {  # check NAME COMMAND ...: one test that is a command
  local name="$1"
  shift
  if "$@" >"$logs/$name.log" 2>&1; then
    passed=$((passed + 1)); echo "passed: $name"
  else
    failed=$((failed + 1)); echo "FAILED: $name"; tail -n 40 "$logs/$name.log"
  fi
}

sets=(build test)
$ci && sets+=(fuzz lint)
$windows && sets+=(windows windows-test)
step "Dependencies"
scripts/dependencies.sh "${sets[@]}"
scripts/page-libraries.sh

step "Release build"
cmake --preset release >"$logs/configure.log"
cmake --build --preset release

step "Unit, golden, property and end-to-end tests"
run_ctest release -j "$(nproc)"

if $windows; then
  step "Windows: libraries, once"
  libraries=0
  packaging/windows/libraries.sh build/windows-libraries || libraries=$?
  if ((libraries == 75)); then
    echo "left out: the Windows build and its tests, for the sources of its libraries cannot be had"
    windows=false
  elif ((libraries != 0)); then
    exit "$libraries"
  fi
fi
if $windows; then
  step "Windows build"
  cmake --preset windows >"$logs/configure-windows.log"
  cmake --build --preset windows
  check windows-reproducible scripts/check-windows-reproducible.sh

  step "Windows programs, under Wine"
  run_ctest windows -L windows -j "$(nproc)"
fi

if $ci; then
  step "Formatting"
  check formatting scripts/check-format.sh

  step "Fuzzers, up to $fuzz_seconds s each"
  cmake --preset fuzz >"$logs/configure-fuzz.log"
  cmake --build --preset fuzz --target fuzzers
  scripts/fuzz.sh --seconds "$fuzz_seconds" >"$logs/fuzz.log" 2>&1 && fuzz_ok=true || fuzz_ok=false
  cat "$logs/fuzz.log"
  passed=$((passed + $(grep -c '^passed: ' "$logs/fuzz.log" || true)))
  failed=$((failed + $(grep -c '^FAILED: ' "$logs/fuzz.log" || true)))
  $fuzz_ok || grep -q '^FAILED: ' "$logs/fuzz.log" || failed=$((failed + 1))
fi

if $all; then
  step "AddressSanitizer and UBSan"
  cmake --preset asan-ubsan >"$logs/configure-asan.log"
  cmake --build --preset asan-ubsan
  run_ctest asan-ubsan -j "$(nproc)" -LE end_to_end

  step "ThreadSanitizer, on the parts that have threads"
  cmake --preset tsan >"$logs/configure-tsan.log"
  cmake --build --preset tsan --target concurrent_tests
  run_ctest tsan -j "$(nproc)" -L concurrent
fi

echo
echo "$passed passed, $failed failed"
((failed == 0))
