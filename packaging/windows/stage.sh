#!/usr/bin/env bash
# Lays out what every Windows package has: the program, signed when there is a key, a configuration to start from, the pages
# an operator needs.
#
# usage: packaging/windows/stage.sh PROGRAM STAGE
set -euo pipefail
(($# == 2)) || { echo "usage: stage.sh PROGRAM STAGE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root="$here/../.."
stage="$2"
rm -rf "$stage"
mkdir -p "$stage/docs"
x86_64-w64-mingw32-strip --strip-all -o "$stage/understudy-agent.exe" "$1"
"$here/sign.sh" "$stage/understudy-agent.exe"
install -m 644 "$root/LICENSE" "$here/agent.toml" "$stage/"
install -m 644 -t "$stage/docs" "$root"/docs/{install-windows,install-octopus,capture-windows,rules,status,framing-policy,recording-jsonl,recording-take,limits,exit-codes}.md
