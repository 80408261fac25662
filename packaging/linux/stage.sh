#!/usr/bin/env bash
# Adds to the files that `cmake --install` staged what every Linux package has besides: the service, its configuration, the
# pages an operator needs.
#
# usage: packaging/linux/stage.sh STAGE
set -euo pipefail
(($# == 1)) || { echo "usage: stage.sh STAGE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
stage="$1"
documents="$stage/usr/share/doc/understudy-agent"
install -D -m 644 "$here/understudy-agent.service" "$stage/usr/lib/systemd/system/understudy-agent.service"
install -D -m 755 "$here/has-output" "$stage/usr/libexec/understudy/has-output"
install -D -m 755 "$here/self-test" "$stage/usr/libexec/understudy/self-test"
install -D -m 644 "$here/agent.toml" "$stage/etc/understudy/agent.toml"
install -D -m 644 -t "$documents" "$here"/../../docs/{install-linux,install-container,rules,status,framing-policy,recording-jsonl,recording-take,limits,exit-codes}.md
