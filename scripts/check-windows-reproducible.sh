#!/usr/bin/env bash
# Builds the Windows programs a second time, in another folder, and compares them with build/windows byte for byte.
#
# usage: scripts/check-windows-reproducible.sh [--without-cache]
#
# Unchanged files come from the compiler cache, so that it takes little time; --without-cache compiles everything again.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ "${1:-}" != --without-cache ]] || export CCACHE_DISABLE=1
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
again=build/windows-again
programs=(understudy-agent understudy-replay)
rm -rf "$again"
for folder in build/windows "$again"; do  # both of the commit that is checked out now
  cmake --preset windows -B "$folder" >/dev/null
  cmake --build "$folder" --target "${programs[@]}"
done
for program in "${programs[@]}"; do
  cmp "build/windows/bin/$program.exe" "$again/bin/$program.exe"
  sha256sum "$again/bin/$program.exe"
done
rm -rf "$again"
