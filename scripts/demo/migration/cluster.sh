#!/usr/bin/env bash
# A PostgreSQL server of the demonstration, on a private device where the machine has them.
#
# usage: scripts/demo/migration/cluster.sh WORK create NAME          an empty server, with the settings of postgresql.conf
#        scripts/demo/migration/cluster.sh WORK clone NAME FROM      the same data in the same layout, by pg_basebackup
#        scripts/demo/migration/cluster.sh WORK migrate NAME         migration.sql
#        scripts/demo/migration/cluster.sh WORK restart|stop|remove NAME
#
# WORK/NAME is the server's folder (scripts/demo/device.sh made it), WORK/run-NAME that of its socket: there is no port. Each
# server's only cache is its shared_buffers. PostgreSQL does not run as root: as root it is the user postgres.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(realpath "$1") verb=$2 name=$3
cd /  # the user postgres may not enter the folder that this was called from
folder=$work/$name
socket=$work/run-$name
bin=/usr/lib/postgresql/15/bin

owner=$(id -un)
as_owner=()
((EUID != 0)) || { owner=postgres; as_owner=(runuser -u postgres --); }

start() {
  "${as_owner[@]}" env LD_PRELOAD="$PRELOAD" "$bin/pg_ctl" -D "$DATA" -l "$socket/log" -w -t 60 -s start
}

stop() {
  [[ ! -e $DATA/postmaster.pid ]] || "${as_owner[@]}" "$bin/pg_ctl" -D "$DATA" -m fast -w -t 60 -s stop
}

configure() {
  cat "$here/postgresql.conf" - <<<"unix_socket_directories = '$socket'" >"$folder/understudy.conf"
  "${as_owner[@]}" sh -c "cat >'$DATA/postgresql.auto.conf'" <"$folder/understudy.conf"
}

if [[ ! -e $folder/device.env ]]; then
  "$here/../device.sh" create "$folder" 1G "$owner"
  mkdir -p "$socket"
  chown "$owner" "$socket"
fi
# shellcheck disable=SC1091  # written by device.sh
source "$folder/device.env"

case "$verb" in
  create)
    "${as_owner[@]}" "$bin/initdb" -D "$DATA" -U postgres -A trust -E UTF8 --locale=C -N >"$folder/initdb.log"
    configure
    start
    psql -qX "host=$socket dbname=postgres user=postgres" -c 'CREATE EXTENSION pg_stat_statements'
    ;;
  clone)
    stop
    "${as_owner[@]}" find "$DATA" -mindepth 1 -delete
    "${as_owner[@]}" "$bin/pg_basebackup" -d "host=$work/run-$4 user=postgres" -D "$DATA" -c fast -X stream
    configure
    start
    ;;
  migrate) psql -qX -v ON_ERROR_STOP=1 "host=$socket dbname=postgres user=postgres" -f "$here/migration.sql" ;;
  restart) stop; start ;;
  stop) stop ;;
  remove) stop; "$here/../device.sh" remove "$folder" ;;
  *) sed -n '4,7s/^# //p' "$0" >&2; exit 2 ;;
esac
