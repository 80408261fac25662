#!/usr/bin/env bash
# Makes the .tar.gz from staged files: for a host without dpkg or rpm, or an image of one's own.
#
# usage: packaging/linux/archive.sh STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
#
# The archive has one folder with the tree as it lies under /: copy usr and etc, add the user `understudy`, enable the unit.
set -euo pipefail
(($# == 3)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N archive.sh STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
name="understudy-agent-$2-linux-$(uname -m)"
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --format=gnu \
  --directory "$1" --transform "s|^\./\{0,1\}|$name/|" . | gzip -9n >"$3/$name.tar.gz"
