#!/usr/bin/env bash
# Makes the .deb from staged files.
#
# usage: packaging/linux/deb.sh STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
set -euo pipefail
(($# == 3)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N deb.sh STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
stage=$(cd "$1" && pwd)
version="$2"
output=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"
cp -a "$stage" "$root"

# Debian's own places and forms.
documents="$root/usr/share/doc/understudy-agent"
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
install -m 644 "$here/deb/copyright" "$documents/copyright"
install -D -m 644 "$here/deb/lintian-overrides" "$root/usr/share/lintian/overrides/understudy-agent"
{
  echo "understudy-agent ($version) stable; urgency=medium"
  printf '\n  * Built from the commit that `understudy-agent --version` names.\n\n'
  echo " -- $("$here/../maintainer.sh")  $(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$documents/changelog.gz"
find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +

# The libraries it needs, as dpkg knows them; dpkg-shlibdeps wants a source tree's debian/control.
mkdir "$work/debian"
printf 'Source: understudy\n\nPackage: understudy-agent\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/understudy-agent 2>/dev/null | sed -n 's/^shlibs:Depends=//p')

mkdir "$root/DEBIAN"
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$(dpkg --print-architecture)/; s/@DEPENDS@/$depends/" \
  -e "s/@INSTALLED_SIZE@/$(du -sk --apparent-size "$root" | cut -f1)/; s/@MAINTAINER@/$("$here/../maintainer.sh")/" \
  "$here/deb/control.in" >"$root/DEBIAN/control"
for script in postinst prerm postrm; do
  sed -e "/@SCRIPTLETS@/{r $here/scriptlets.sh" -e 'd}' "$here/deb/$script" >"$root/DEBIAN/$script"
  chmod 755 "$root/DEBIAN/$script"
done
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
dpkg-deb --root-owner-group -Zxz --build "$root" "$output/understudy-agent_${version}_$(dpkg --print-architecture).deb" >/dev/null
