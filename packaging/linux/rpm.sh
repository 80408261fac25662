#!/usr/bin/env bash
# Makes the .rpm of a program from its staged files.
#
# usage: packaging/linux/rpm.sh PROGRAM STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
set -euo pipefail
(($# == 4)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N rpm.sh PROGRAM STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
program="$1"
stage=$(cd "$2" && pwd)
version="$3"
output=$(cd "$4" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -a "$stage" "$work/root"
find "$work/root/usr/share/man" -name '*.1' -exec gzip -9n {} +
find "$work/root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

# Every staged file by name; /etc is in the template, with its modes.
(cd "$work/root" && find usr -type f -printf '/%p\n' | sort) |
  sed -e 's|^/usr/share/doc/|%doc &|' -e 's|^/usr/share/licenses/|%license &|' >"$work/files"
sed -e "s/@VERSION@/$version/; s/@MAINTAINER@/$("$here/../maintainer.sh")/" \
  -e "s/@DATE@/$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')/" \
  -e "/@SCRIPTLETS@/{r $here/scriptlets.sh" -e 'd}' -e "/@FILES@/{r $work/files" -e 'd}' \
  "$here/rpm/settings.spec" "$here/rpm/$program.spec.in" >"$work/$program.spec"
rpmbuild -bb --quiet --nodeps --target "$(uname -m)-linux" --buildroot "$work/buildroot" \
  --define "_topdir $work/top" --define "_rpmdir $output" --define "_rpmfilename %{name}-%{version}-%{release}.%{arch}.rpm" \
  --define "_dbpath $work/db" --define "staged $work/root" "$work/$program.spec"
