#!/usr/bin/env bash
# Makes every package, from one version: that of the commit which is checked out.
#
# usage: scripts/package.sh
#
# Leaves in build/packages: understudy-agent as .deb, .rpm and .tar.gz, its SBOM (CycloneDX), and SHA256SUMS. Two runs on one
# commit make the same bytes. Uncommitted changes are refused, since a package must lead to its commit. PACKAGE_MAINTAINER
# names who stands for the packages: "Name <address>".
set -euo pipefail
cd "$(dirname "$0")/.."
(($# == 0)) || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
if [[ -n "$(git status --porcelain --untracked-files=no)" ]]; then
  echo "package.sh: there are uncommitted changes; commit them first, so that the package leads to its source" >&2
  exit 1
fi

step() { printf '\n== %s\n' "$1"; }
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
build=build/package
output=build/packages

step "Dependencies (Debian packages)"
scripts/dependencies.sh build package

step "Libraries that the packages bring along"
packaging/linux/static-libraries.sh build/package-libraries

step "Build ($build/bin)"
mkdir -p "$build"
cmake --fresh --preset package >"$build/configure.log" || { cat "$build/configure.log"; exit 1; }
cmake --build --preset package --target understudy-agent

# "0.1.0-dev.7+abc" sorts before 0.1.0 in packages, too, when its hyphen is a tilde.
version=$("$build/bin/understudy-agent" --version | cut -d' ' -f2)
commit=$(git rev-parse HEAD)
[[ "$version" != *unknown* ]] || { echo "package.sh: the build does not know its commit" >&2; exit 1; }
rm -rf "$output" "$build/stage"
mkdir -p "$output"
stage="$PWD/$build/stage"

step "Files of version $version"
umask 022
DESTDIR="$stage" cmake --install "$build" --prefix /usr --component understudy-agent --strip >/dev/null
packaging/linux/stage.sh "$stage"
packaging/sbom.py "$stage/usr/bin/understudy-agent" "$version" "$commit" build/package-libraries/versions.txt \
  >"$output/understudy-agent-$version.cdx.json"
install -m 644 "$output/understudy-agent-$version.cdx.json" "$stage/usr/share/doc/understudy-agent/sbom.cdx.json"

step "Packages"
packaging/linux/deb.sh "$stage" "${version/-/\~}" "$output"
packaging/linux/rpm.sh "$stage" "${version/-/\~}" "$output"
packaging/linux/archive.sh "$stage" "$version" "$output"
(cd "$output" && sha256sum -- * >SHA256SUMS)
cat "$output/SHA256SUMS"
