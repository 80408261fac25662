#!/usr/bin/env bash
# Adds to the files that `cmake --install` staged what every Linux package of a program has besides: the pages an operator
# needs, and for the agent its service with a configuration.
#
# usage: packaging/linux/stage.sh PROGRAM STAGE
set -euo pipefail
(($# == 2)) || { echo "usage: stage.sh PROGRAM STAGE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/pages.sh
. "$here/../pages.sh"
program="$1"
stage="$2"
if [[ "$program" == understudy-agent ]]; then
  install -D -m 644 "$here/understudy-agent.service" "$stage/usr/lib/systemd/system/understudy-agent.service"
  install -D -m 755 "$here/has-output" "$stage/usr/libexec/understudy/has-output"
  install -D -m 755 "$here/self-test" "$stage/usr/libexec/understudy/self-test"
  install -D -m 644 "$here/agent.toml" "$stage/etc/understudy/agent.toml"
  pages=("${agent_pages[@]}" install-linux install-container)
else
  pages=("${replay_pages[@]}" install-linux)
fi
install_pages "$stage/usr/share/doc/$program" "${pages[@]}"
