#!/usr/bin/env bash
# Installs what a job needs, from Debian 12's own packages, and nothing else.
#
# usage: scripts/dependencies.sh build|page|demo|demo-migration|test|bench|fuzz|lint|windows|windows-test|package|package-test ...
#
# Each word is a set; sets add up. Packages that are there already are left alone, so that a second run costs nothing and
# works without a network. Runs apt-get through sudo when the user is not root.
set -euo pipefail

declare -A SETS=(
  [build]="g++ cmake ninja-build ccache pkg-config git ca-certificates
           libpcap-dev libboost1.81-dev libssl-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libre2-dev
           libexpected-dev libcpp-httplib-dev zlib1g-dev libzstd-dev libjemalloc-dev libpq-dev libpg-query-dev"
  [demo]="python3 curl"
  [demo-migration]="python3 curl squid postgresql-15 e2fsprogs mount"
  [test]="libgtest-dev libgmock-dev python3 python3-venv iproute2 curl nginx-light squid apache2-utils openssl nghttp2-client wrk
          tcpdump ethtool jq procps prometheus
          ceph-mon ceph-osd ceph-common radosgw
          postgresql-15 postgresql-15-pg-stat-kcache npm
          chromium-headless-shell fonts-dejavu-core"
  [page]="npm"
  [bench]="libbenchmark-dev"
  [rivals]="hey rclone"
  [fuzz]="clang-14 libclang-rt-14-dev"
  [lint]="clang-format-14 clang-tidy-14"
  [package]="dpkg-dev rpm binutils flex bison make python3 gzip wixl msitools faketime osslsigncode"
  [windows]="g++-mingw-w64-x86-64-posix libz-mingw-w64-dev binutils-mingw-w64-x86-64 dpkg-dev perl flex bison make python3 python3-venv unicode-data
            googletest"
  [windows-test]="wine64 python3 python3-venv openssl squid nginx-light postgresql-15 iproute2 procps wixl msitools faketime osslsigncode nuget"
  [package-test]="debootstrap lintian rpmlint systemd man-db mandoc wine64 nuget python3-venv osslsigncode openssl python3"
)

wanted=()
for name in "$@"; do
  [[ -v "SETS[$name]" ]] || { echo "dependencies.sh: no set named '$name'; there are: ${!SETS[*]}" >&2; exit 2; }
  read -r -d '' -a packages <<<"${SETS[$name]}" || true
  wanted+=("${packages[@]}")
done

missing=()
for package in "${wanted[@]}"; do
  # npm also comes with a Node.js from elsewhere, beside which Debian's own does not install.
  [[ $package != npm ]] || ! command -v npm >/dev/null || continue
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "dependencies.sh: these packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
# A service must not start merely because a test needs its program: policy-rc.d answers 101 ("not allowed") meanwhile.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
