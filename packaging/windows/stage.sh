#!/usr/bin/env bash
# Lays out what every Windows package of a program has: the program, signed when there is a key, the pages an operator needs,
# and for the agent a configuration to start from.
#
# usage: packaging/windows/stage.sh EXECUTABLE STAGE
set -euo pipefail
(($# == 2)) || { echo "usage: stage.sh EXECUTABLE STAGE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/pages.sh
. "$here/../pages.sh"
name=$(basename "$1")
stage="$2"
rm -rf "$stage"
mkdir -p "$stage"
x86_64-w64-mingw32-strip --strip-all -o "$stage/$name" "$1"
"$here/sign.sh" "$stage/$name"
install -m 644 "$here/../../LICENSE" "$stage/"
if [[ "$name" == understudy-agent.exe ]]; then
  install -m 644 "$here/agent.toml" "$stage/"
  pages=("${agent_pages[@]}" install-windows install-octopus capture-windows)
else
  pages=("${replay_pages[@]}" install-windows)
fi
install_pages "$stage/docs" "${pages[@]}"
