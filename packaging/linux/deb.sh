#!/usr/bin/env bash
# Makes the .deb of a program from its staged files.
#
# usage: packaging/linux/deb.sh PROGRAM STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
set -euo pipefail
(($# == 4)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N deb.sh PROGRAM STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
program="$1"
stage=$(cd "$2" && pwd)
version="$3"
output=$(cd "$4" && pwd)
templates="$here/deb/$program"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"
cp -a "$stage" "$root"

# Debian's own places and forms.
documents="$root/usr/share/doc/$program"
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
install -m 644 "$here/deb/copyright" "$documents/copyright"
install -D -m 644 "$templates/lintian-overrides" "$root/usr/share/lintian/overrides/$program"
{
  echo "$program ($version) stable; urgency=medium"
  printf '\n  * Built from the commit that `%s --version` names.\n\n' "$program"
  echo " -- $("$here/../maintainer.sh")  $(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$documents/changelog.gz"
find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +

# The libraries it needs, as dpkg knows them; dpkg-shlibdeps wants a source tree's debian/control.
mkdir "$work/debian"
printf 'Source: understudy\n\nPackage: %s\nArchitecture: any\n' "$program" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "root/usr/bin/$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')

mkdir "$root/DEBIAN"
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$(dpkg --print-architecture)/; s/@DEPENDS@/$depends/" \
  -e "s/@INSTALLED_SIZE@/$(du -sk --apparent-size "$root" | cut -f1)/; s/@MAINTAINER@/$("$here/../maintainer.sh")/" \
  "$templates/control.in" >"$root/DEBIAN/control"
for script in postinst prerm postrm; do
  [[ -e "$templates/$script" ]] || continue
  sed -e "/@SCRIPTLETS@/{r $here/scriptlets.sh" -e 'd}' "$templates/$script" >"$root/DEBIAN/$script"
  chmod 755 "$root/DEBIAN/$script"
done
if [[ -d "$root/etc" ]]; then
  (cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
fi
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
dpkg-deb --root-owner-group -Zxz --build "$root" "$output/${program}_${version}_$(dpkg --print-architecture).deb" >/dev/null
