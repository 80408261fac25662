#!/usr/bin/env bash
# A private block device for a PostgreSQL data folder, whose counters tell true disk reads on a developer's machine.
#
# usage: scripts/demo/device.sh create FOLDER [SIZE [OWNER]]
#        scripts/demo/device.sh remove FOLDER
#
# create makes FOLDER, which must not be there yet or be empty, and writes FOLDER/device.env, for a shell to read with
# `source`:
#   DEVICE   the loop device, such as /dev/loop3: for `understudy-replay observe --device`; empty where there is none
#   DATA     an empty folder on it that belongs to OWNER (a user's name, else who calls): for initdb
#   PRELOAD  a library: start the server with LD_PRELOAD=$PRELOAD, and shared_buffers is the only cache (device/drop_behind.cpp)
#   REASON   why there is no device; empty where there is one
# SIZE is that of the device, as truncate(1) takes it: 2G unless given; the file is sparse.
#
# A loop device wants root and a kernel that has them. Without one, create still succeeds: DATA is an ordinary folder, REASON
# says why, and the named substitute for the device's counters are the bytes of /proc/PID/io, which are true with PRELOAD.
#
# After the data is loaded, write it to the device: sync --file-system "$DATA". What is dirty cannot be dropped from the page
# cache, and reads of it would not reach the device; a server with fsync=off does not write it by a checkpoint.
#
# remove undoes all of it. Servers on the device must have ended.
#
# The device is no faster or slower than memory: its backing file may stay in the page cache, below the file system. What is
# measured is how much was asked of it, not how long a disk would have taken.
set -euo pipefail

fail() {
  echo "device.sh: $*" >&2
  exit 1
}

readahead_sectors=256  # 128 KiB: the kernel's default for disks; a loop device takes its backing file's, which may be larger

usage() {
  sed -n '4,5s/^# //p' "$0" >&2
  exit 2
}

attach() {  # attach FOLDER SIZE: prints the device, or fails with the reason on standard error
  local folder=$1 size=$2 device
  ((EUID == 0)) || { echo "a loop device wants root" >&2; return 1; }
  [[ -e /dev/loop-control ]] || { echo "this kernel or container has no loop devices" >&2; return 1; }
  truncate -s "$size" "$folder/image"
  device=$(losetup --find --show "$folder/image") || return 1
  if mkfs.ext4 -q -m 0 -E lazy_itable_init=0,lazy_journal_init=0 "$device" && blockdev --setra $readahead_sectors "$device" &&
    mkdir -p "$folder/mount" && mount -o noatime "$device" "$folder/mount"; then
    echo "$device"
    return 0
  fi
  losetup --detach "$device"
  return 1
}

create() {
  local folder=$1 size=$2 owner=$3 device="" reason=""
  [[ ! -e $folder || -z $(ls -A "$folder") ]] || fail "$folder is not empty; remove it first: device.sh remove $folder"
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  chmod 755 "$folder"
  "${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -shared -fPIC -U_FORTIFY_SOURCE -fvisibility=hidden -o "$folder/drop_behind.so" \
    "$(dirname "$0")/device/drop_behind.cpp" -ldl
  local place="$folder"
  if device=$(attach "$folder" "$size" 2>"$folder/attach.log"); then
    place="$folder/mount"
  else
    reason=$(tr '\n' ' ' <"$folder/attach.log")
    device=""
    rm -f "$folder/image"
  fi
  mkdir "$place/data"
  chmod 700 "$place/data"
  [[ $owner == "$(id -un)" ]] || chown "$owner:$(id -gn "$owner")" "$place/data"
  printf '%s=%q\n' DEVICE "$device" DATA "$place/data" PRELOAD "$folder/drop_behind.so" REASON "$reason" >"$folder/device.env"
}

remove() {
  local folder=$1
  [[ -f $folder/device.env ]] || fail "$folder has no device.env: it is not a folder that 'create' made"
  # shellcheck disable=SC1091  # written by create
  source "$folder/device.env"
  if [[ -n $DEVICE ]]; then
    if mountpoint -q "$folder/mount"; then
      umount "$folder/mount" || fail "cannot unmount $folder/mount: has every server on it ended?"
    fi
    # Only if it is still the device of this folder's file.
    [[ $(losetup --noheadings --output BACK-FILE "$DEVICE" 2>/dev/null) != "$(cd "$folder" && pwd)/image"* ]] || losetup --detach "$DEVICE"
  fi
  rm -rf "$folder"
}

case "${1:-}" in
  create) (($# >= 2 && $# <= 4)) || usage; create "$2" "${3:-2G}" "${4:-$(id -un)}" ;;
  remove) (($# == 2)) || usage; remove "$2" ;;
  *) usage ;;
esac
