#!/usr/bin/env bash
# Makes every package, from one version: that of the commit which is checked out.
#
# usage: scripts/package.sh
#
# Leaves in build/packages: understudy-agent as .deb, .rpm and .tar.gz for Linux, as .msi, .nupkg (Octopus Deploy) and .zip
# for Windows, an SBOM of each platform (CycloneDX), and SHA256SUMS. Two runs on one commit make the same bytes. Uncommitted
# changes are refused, since a package must lead to its commit. PACKAGE_MAINTAINER names who stands for the packages: "Name
# <address>". packaging/windows/sign.sh says which variables name a key to sign with; without one nothing is signed.
set -euo pipefail
cd "$(dirname "$0")/.."
(($# == 0)) || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
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
scripts/dependencies.sh build windows package

step "Libraries that the packages bring along"
packaging/linux/static-libraries.sh build/package-libraries
packaging/windows/libraries.sh build/windows-libraries

step "Build ($build/bin)"
mkdir -p "$build"
cmake --fresh --preset package >"$build/configure.log" || { cat "$build/configure.log"; exit 1; }
cmake --build --preset package --target understudy-agent
windows_build=build/package-windows
mkdir -p "$windows_build"
cmake --fresh --preset windows -B "$windows_build" -DUNDERSTUDY_TESTS=OFF >"$windows_build/configure.log" ||
  { cat "$windows_build/configure.log"; exit 1; }
cmake --build "$windows_build" --target understudy-agent

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

windows_stage="$PWD/build/package-windows/stage"
packaging/windows/stage.sh "$windows_build/bin/understudy-agent.exe" "$windows_stage"
packaging/sbom.py "$windows_stage/understudy-agent.exe" "$version" "$commit" build/windows-libraries/versions.txt \
  >"$output/understudy-agent-$version-windows.cdx.json"
install -m 644 "$output/understudy-agent-$version-windows.cdx.json" "$windows_stage/sbom.cdx.json"

step "Packages"
packaging/linux/deb.sh "$stage" "${version/-/\~}" "$output"
packaging/linux/rpm.sh "$stage" "${version/-/\~}" "$output"
packaging/linux/archive.sh "$stage" "$version" "$output"
packaging/windows/msi.sh "$windows_stage" "$version" "$output"
packaging/windows/sign.sh "$output"/*.msi
packaging/windows/nupkg.py "$windows_stage" "$version" "$output"
packaging/windows/archive.py "$windows_stage" "$version" "$output"
(cd "$output" && sha256sum -- * >SHA256SUMS)
cat "$output/SHA256SUMS"
