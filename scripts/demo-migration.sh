#!/usr/bin/env bash
# The story that Understudy was made for, before your eyes: a schema migration, rehearsed on production's traffic.
#
# usage: scripts/demo-migration.sh [--out FOLDER] [--bin FOLDER]
#
#   --out FOLDER  where the results stay (build/demo-migration)
#   --bin FOLDER  programs that are built already, instead of building them into build/release
#
# A small API over PostgreSQL is production: its frequent query has no index. The agent mirrors its traffic live, through a
# squid proxy, to a candidate with the schema migrated, and records it. Then the recorded traffic is rehearsed against two
# fresh clones, one of them migrated: seven pairs of runs, and a verdict. Takes about seven minutes after the build, on two
# cores. Every figure is measured here; read operations are counted by a loop device for each database, which wants root.
# Everything that it starts is ended again, and nothing stays but the results. docs/demo-migration.md tells more.
set -euo pipefail
cd "$(dirname "$0")/.."

out=build/demo-migration
programs=""
while (($#)); do
  case "$1" in
    --out) out="${2:?--out wants a folder}"; shift ;;
    --bin) programs="${2:?--bin wants a folder}"; shift ;;
    -h|--help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "demo-migration.sh: unknown argument '$1'; see scripts/demo-migration.sh --help" >&2; exit 2 ;;
  esac
  shift
done

# What production has and does. The data is about three times its cache, as in the story its tables outgrew memory.
readings=300000 customers=500 devices=5000
rate=10 live_seconds=40 run_seconds=15

began=$SECONDS
step() { printf '\n== %d:%02d  %s\n' $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60)) "$1"; }
fail() { echo "demo-migration.sh: $1" >&2; exit 1; }

step "Dependencies (Debian packages; uPlot from npm)"
scripts/dependencies.sh build page demo-migration
scripts/page-libraries.sh || echo "The report will have tables and no charts."

if [[ -z $programs ]]; then
  step "Build (build/release/bin)"
  export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
  mkdir -p build/release
  cmake --preset release -DUNDERSTUDY_TESTS=OFF >build/release/configure.log || { cat build/release/configure.log; exit 1; }
  cmake --build --preset release --target understudy-agent understudy-replay migration-sample-api
  programs=build/release/bin
fi
programs=$(cd "$programs" && pwd)
cluster=$PWD/scripts/demo/migration/cluster.sh
here=$PWD/scripts/demo/migration

work=$(mktemp -d /tmp/understudy-demo.XXXXXX)
chmod 755 "$work"
pids=()
clusters=()
finish() {
  local pid name
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for name in "${clusters[@]}"; do "$cluster" "$work" remove "$name" || true; done
  rm -rf "$work"
}
trap finish EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() {  # wait_for WHAT URL
  local _
  for _ in $(seq 150); do curl -fs -o /dev/null --noproxy '*' "$2" && return; sleep 0.1; done
  cat "$work"/*.log >&2
  fail "$1 did not come up within 15 s"
}
conninfo() { echo "host=$work/run-$1 dbname=postgres user=postgres"; }
start_api() {  # start_api NAME PORT VERSION: the service over that database
  "$programs/migration-sample-api" --listen "127.0.0.1:$2" --database "$(conninfo "$1")" --build-version "$3" >"$work/api-$1.log" 2>&1 &
  pids+=($!)
  wait_for "the service over $1" "http://127.0.0.1:$2/health"
}
reads_of() {  # completed read operations of a cluster's device, 0 without one
  local DEVICE=""
  # shellcheck disable=SC1090  # written by device.sh
  source "$work/$1/device.env"
  if [[ -n $DEVICE ]]; then awk '{ print $1 }' "/sys/block/${DEVICE#/dev/}/stat"; else echo 0; fi
}
device_of() { (source "$work/$1/device.env"; echo "${DEVICE:-none}"); }

production=$(free_port) baseline=$(free_port) candidate=$(free_port) proxy=$(free_port) status=$(free_port)

step "Production: $readings readings in a schema that grew badly, PostgreSQL with 16 MB of cache"
clusters+=(production)
"$cluster" "$work" create production
psql -qX "$(conninfo production)" -f "$here/schema.sql"
psql -qX "$(conninfo production)" -v customers=$customers -v devices=$devices -v readings=$readings -f "$here/data.sql"
data_cache_ratio=$(psql -qXAt "$(conninfo production)" -c "SELECT round(pg_database_size(current_database()) / 16777216.0, 2)")
reason=$(source "$work/production/device.env"; echo "$REASON")
if [[ -n $reason ]]; then
  echo "No device of its own: $reason"
  echo "In place of read operations, bytes that the server's processes read from disk are compared (/proc/PID/io)."
fi
start_api production "$production" 1.0.0

step "Two clones of it; the candidate's is migrated: $(grep -c 'ALTER COLUMN\|PRIMARY KEY\|CREATE INDEX' "$here/migration.sql") changes in migration.sql"
clusters+=(baseline candidate)
"$cluster" "$work" clone baseline production
"$cluster" "$work" clone candidate production
"$cluster" "$work" migrate candidate
start_api baseline "$baseline" 1.0.0
start_api candidate "$candidate" 1.1.0

step "squid on 127.0.0.1:$proxy, and the agent: it mirrors to the candidate through CONNECT, and records"
printf '%s\n' "http_port 127.0.0.1:$proxy" "pid_filename $work/squid.pid" "cache deny all" "access_log stdio:$work/squid.access" \
  "cache_log $work/squid.log" "coredump_dir $work" "shutdown_lifetime 1 seconds" "pinger_enable off" "cache_mem 8 MB" \
  "netdb_filename none" "max_filedescriptors 1024" "http_access allow all" >"$work/squid.conf"
((EUID != 0)) || { touch "$work/squid.log" "$work/squid.access"; chown proxy "$work/squid.log" "$work/squid.access"; }
squid -N -n "demo$$" -f "$work/squid.conf" >"$work/squid.out" 2>&1 &
pids+=($!)
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$proxy") 2>/dev/null && break; sleep 0.1; done
as_root=()
((EUID == 0)) || as_root=(sudo)
command=("$programs/understudy-agent" run --interface lo --port "$production" --to "http://127.0.0.1:$candidate"
  --proxy "http://127.0.0.1:$proxy" --record "$work/traffic.take" --status-address "127.0.0.1:$status")
echo "${command[*]}"
"${as_root[@]}" "${command[@]}" >"$work/agent.log" 2>&1 &
agent=$!
pids+=("$agent")
wait_for "the agent" "http://127.0.0.1:$status/health"

step "$live_seconds s of users: $rate requests a second to production, none to the candidate"
before=$(reads_of production) before_candidate=$(reads_of candidate)
python3 "$here/load.py" "$production" $rate $((rate * live_seconds)) --devices $devices --customers $customers
after=$(reads_of production) after_candidate=$(reads_of candidate)
[[ -n $reason ]] || echo "Meanwhile production's disk did $(((after - before) / live_seconds)) reads a second, the candidate's $(((after_candidate - before_candidate) / live_seconds))."
sleep 2
kill -TERM "$agent" 2>/dev/null || "${as_root[@]}" kill -TERM "$agent"
wait "$agent" || { cat "$work/agent.log" >&2; fail "the agent ended with an error"; }
cat "$work/agent.log"
echo "squid carried $(grep -c CONNECT "$work/squid.access" || true) tunnels to the candidate."
((EUID == 0)) || sudo chown -R "$(id -un)" "$work"/traffic.take*

step "The rehearsal: fresh clones of production, one migrated; one A/A pair and seven pairs of $run_seconds s"
sed -e "s|@WORK@|$work|g" -e "s|@CLUSTER@|$cluster|g" -e "s|@BASELINE_PORT@|$baseline|g" -e "s|@CANDIDATE_PORT@|$candidate|g" \
  -e "s|@BASELINE_DEVICE@|$(device_of baseline)|g" -e "s|@CANDIDATE_DEVICE@|$(device_of candidate)|g" -e "s|@RATE@|$rate|g" \
  -e "s|@RUN_SECONDS@|$run_seconds|g" -e "s|@DATA_CACHE_RATIO@|$data_cache_ratio|g" "$here/plan.toml.in" >"$work/plan.toml"
rm -rf "$out"
mkdir -p "$out"
rehearsed=0
"$programs/understudy-replay" rehearse "$work/plan.toml" --out "$out" || rehearsed=$?
cp "$work/plan.toml" "$out/plan.toml"
[[ -e $out/rehearsal.json ]] || fail "the rehearsal ended with exit code $rehearsed, and left no result"

step "What was found"
found=0
python3 "$here/story.py" "$out/rehearsal.json" || found=$?
printf '\nThe report: %s/rehearsal.html\n' "$(cd "$out" && pwd)"
exit "$found"
