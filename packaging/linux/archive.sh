#!/usr/bin/env bash
# Makes the .tar.gz of a program from its staged files: for a host without dpkg or rpm, or an image of one's own.
#
# usage: packaging/linux/archive.sh PROGRAM STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
#
# The archive has one folder with the tree as it lies under /: copy it there. The agent wants a user `understudy` besides, and
# its unit enabled.
set -euo pipefail
(($# == 4)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N archive.sh PROGRAM STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
name="$1-$3-linux-$(uname -m)"
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --format=gnu \
  --directory "$2" --transform "s|^\./\{0,1\}|$name/|" . | gzip -9n >"$4/$name.tar.gz"
