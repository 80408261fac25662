#!/usr/bin/env bash
# From nothing to a mirror: installs what the build needs, builds, and mirrors real requests on loopback before your eyes.
#
# usage: scripts/quickstart.sh
#
# Starts two small HTTP services on 127.0.0.1, "production" and "shadow", and the agent between them; sends requests to
# production only; shows what arrived at the shadow, and the ledger. Everything it started is ended again. Capturing wants
# root (or CAP_NET_RAW); as another user it asks sudo for that one program.
set -euo pipefail
cd "$(dirname "$0")/.."

# A compiler cache hit must not depend on where the checkout lies.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

step() { printf '\n== %s\n' "$1"; }
build=build/release
requests=20

step "Dependencies (Debian packages)"
scripts/dependencies.sh build demo

step "Build ($build/bin)"
mkdir -p "$build"
cmake --preset release -DUNDERSTUDY_TESTS=OFF >"$build/configure.log" || { cat "$build/configure.log"; exit 1; }
cmake --build --preset release --target understudy-agent

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
production=$(free_port)
shadow=$(free_port)
status=$(free_port)

step "Two services: production on 127.0.0.1:$production, its shadow on 127.0.0.1:$shadow"
for service in "production $production" "shadow $shadow"; do
  read -r name port <<<"$service"
  python3 scripts/demo/service.py "$name" "$port" "$work/$name.log" &
  pids+=($!)
done

wait_for() {  # wait_for WHAT COMMAND ...: tries for ten seconds
  local what="$1"
  shift
  for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
  echo "quickstart.sh: $what did not come up within 10 s" >&2
  cat "$work"/*.log >&2
  exit 1
}
wait_for "production" curl -fs "http://127.0.0.1:$production/ready"
wait_for "the shadow" curl -fs "http://127.0.0.1:$shadow/ready"

as_root=()
((EUID == 0)) || as_root=(sudo)
command="$build/bin/understudy-agent run --interface lo --port $production --to http://127.0.0.1:$shadow"
step "$command"
"${as_root[@]}" $command --status-address "127.0.0.1:$status" >"$work/agent.log" 2>&1 &
agent=$!
pids+=("$agent")
wait_for "the agent" curl -fs "http://127.0.0.1:$status/health"

step "$requests requests to production; none to the shadow"
for i in $(seq "$requests"); do
  if ((i % 4)); then
    curl -fsS -o /dev/null "http://127.0.0.1:$production/orders/$i?from=quickstart"
  else
    curl -fsS -o /dev/null --data-binary "{\"order\": $i}" "http://127.0.0.1:$production/orders"
  fi
done
arrived() { (($(grep -c '/orders' "$work/shadow.log") >= requests)); }
wait_for "the last request at the shadow" arrived

step "What the shadow saw"
grep '/orders' "$work/shadow.log"

step "The agent's ledger"
kill -TERM "$agent" 2>/dev/null || "${as_root[@]}" kill -TERM "$agent"
wait "$agent" || { echo "quickstart.sh: the agent ended with an error:" >&2; cat "$work/agent.log" >&2; exit 1; }
cat "$work/agent.log"

same() { diff <(sed -n 's/^production *//p' "$work/production.log" | grep /orders | sort) \
              <(sed -n 's/^shadow *//p' "$work/shadow.log" | grep /orders | sort); }
same || { echo "quickstart.sh: the shadow did not see the same requests as production" >&2; exit 1; }
printf '\nThe shadow saw each of the %s requests exactly once. Next: README.md\n' "$requests"
