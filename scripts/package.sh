#!/usr/bin/env bash
# Makes every package, from one version: that of the commit which is checked out.
#
# usage: scripts/package.sh
#
# Leaves in build/packages: understudy-agent and understudy-replay, each as .deb, .rpm and .tar.gz for Linux and as .zip for
# Windows; the agent also as .msi and .nupkg (Octopus Deploy); an SBOM of each program on each platform (CycloneDX), and
# SHA256SUMS. Two runs on one commit make the same bytes. Uncommitted changes are refused, since a package must lead to its
# commit. PACKAGE_MAINTAINER names who stands for the packages: "Name <address>". packaging/windows/sign.sh says which variables
# name a key to sign with; without one nothing is signed.
set -euo pipefail
cd "$(dirname "$0")/.."
(($# == 0)) || { sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2; }
if [[ -n "$(git status --porcelain --untracked-files=no)" ]]; then
  echo "package.sh: there are uncommitted changes; commit them first, so that the package leads to its source" >&2
  exit 1
fi

step() { printf '\n== %s\n' "$1"; }
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
programs=(understudy-agent understudy-replay)
build=build/package
windows_build=build/package-windows
output=build/packages

step "Dependencies (Debian packages)"
scripts/dependencies.sh build windows package page

step "Libraries that the packages bring along"
scripts/page-libraries.sh
packaging/linux/static-libraries.sh build/package-libraries
packaging/windows/libraries.sh build/windows-libraries

step "Build ($build/bin)"
mkdir -p "$build" "$windows_build"
cmake --fresh --preset package >"$build/configure.log" || { cat "$build/configure.log"; exit 1; }
cmake --build --preset package --target "${programs[@]}"
cmake --fresh --preset windows -B "$windows_build" -DUNDERSTUDY_TESTS=OFF >"$windows_build/configure.log" ||
  { cat "$windows_build/configure.log"; exit 1; }
cmake --build "$windows_build" --target "${programs[@]}"

# "0.1.0-dev.7+abc" sorts before 0.1.0 in packages, too, when its hyphen is a tilde.
version=$("$build/bin/understudy-agent" --version | cut -d' ' -f2)
package_version="${version/-/\~}"
commit=$(git rev-parse HEAD)
[[ "$version" != *unknown* ]] || { echo "package.sh: the build does not know its commit" >&2; exit 1; }
rm -rf "$output" "$build"/stage-* "$windows_build"/stage-*
mkdir -p "$output"
umask 022

# The chart library of understudy-replay's pages, which is in the program.
uplot=$(sed -n '/"node_modules\/uplot"/,/}/s/.*"version": "\(.*\)".*/\1/p' build/page-libraries/package-lock.json)
echo "uplot $uplot pkg:npm/uplot@$uplot" >"$build/versions-page.txt"

sbom() {  # sbom PROGRAM EXECUTABLE LIBRARIES NAME STAGED: the list of libraries beside the packages and in them
  local lists=("$3/versions.txt" "$3/versions-$1.txt")
  [[ "$1" == understudy-agent ]] || lists+=("$build/versions-page.txt")
  packaging/sbom.py "$2" "$version" "$commit" "${lists[@]}" >"$output/$4.cdx.json"
  install -m 644 "$output/$4.cdx.json" "$5"
}

for program in "${programs[@]}"; do
  step "Packages of $program, version $version"
  stage="$PWD/$build/stage-$program"
  DESTDIR="$stage" cmake --install "$build" --prefix /usr --component "$program" --strip >/dev/null
  packaging/linux/stage.sh "$program" "$stage"
  sbom "$program" "$stage/usr/bin/$program" build/package-libraries "$program-$version" "$stage/usr/share/doc/$program/sbom.cdx.json"
  packaging/linux/deb.sh "$program" "$stage" "$package_version" "$output"
  packaging/linux/rpm.sh "$program" "$stage" "$package_version" "$output"
  packaging/linux/archive.sh "$program" "$stage" "$version" "$output"

  stage="$PWD/$windows_build/stage-$program"
  packaging/windows/stage.sh "$windows_build/bin/$program.exe" "$stage"
  sbom "$program" "$stage/$program.exe" build/windows-libraries "$program-$version-windows" "$stage/sbom.cdx.json"
  packaging/windows/archive.py "$program" "$stage" "$version" "$output"
  if [[ "$program" == understudy-agent ]]; then  # what installs a service
    packaging/windows/msi.sh "$stage" "$version" "$output"
    packaging/windows/sign.sh "$output"/*.msi
    packaging/windows/nupkg.py "$stage" "$version" "$output"
  fi
done
(cd "$output" && sha256sum -- * >SHA256SUMS)
cat "$output/SHA256SUMS"
