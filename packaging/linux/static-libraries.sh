#!/usr/bin/env bash
# Builds, as static libraries, what the packages must not take from the host: libraries whose sonames differ between
# distributions, or that Enterprise Linux does not have. The sources are Debian's, checked by apt's signatures.
#
# usage: packaging/linux/static-libraries.sh FOLDER
#
# FOLDER/include, FOLDER/lib and the lists of source packages with their versions (FOLDER/versions.txt of both programs,
# versions-PROGRAM.txt of one alone) are made once and then kept. OpenSSL, zlib, zstd and libpq stay shared: every distribution
# has these sonames and mends their bugs. libpg_query is Debian's static library.
set -euo pipefail
(($# == 1)) || { echo "usage: static-libraries.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
work="$prefix/work"
# shellcheck source=packaging/library-sources.sh
. "$here/../library-sources.sh"
sources=(fmtlib spdlog cpp-httplib libpcap)
headers_only=(libcli11-dev libboost1.81-dev libexpected-dev libtomlplusplus-dev)  # part of the program as well; for the list of versions

# Built again when this script or the host's versions of these libraries change; otherwise not even the network is needed.
key=$(cat "$here/static-libraries.sh" "$here/../library-sources.sh" "$here/arc4random.c" | sha256sum
  dpkg-query -W libfmt-dev libspdlog-dev libcpp-httplib-dev libpcap-dev libre2-dev libjemalloc-dev libpg-query-dev "${headers_only[@]}")
[[ -f "$prefix/key.txt" && "$key" == "$(<"$prefix/key.txt")" ]] && exit 0

prepare_sources
rm -rf "$work/sources" "${prefix:?}/include" "${prefix:?}/lib"
mkdir -p "$work/sources" "$prefix/include" "$prefix/lib/pkgconfig"
for source in "${sources[@]}"; do fetch_source "$source"; done

# The paths of this build must not show in the packages.
flags=(-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 "-ffile-prefix-map=$prefix=/usr/src/libraries")

with_cmake() {  # with_cmake SOURCE OPTION ...
  local source="$1"
  shift
  cmake -S "$(source_of "$source")" -B "$work/$source" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="${flags[*]}" \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$prefix" -DBUILD_SHARED_LIBS=OFF "$@"
  cmake --build "$work/$source" --target install
}

with_httplib() {  # its own build wants optional libraries that we have no use for
  cd "$(source_of cpp-httplib)"
  python3 ./split.py
  g++ -std=c++17 "${flags[@]}" -DCPPHTTPLIB_OPENSSL_SUPPORT -DCPPHTTPLIB_ZLIB_SUPPORT -c out/httplib.cc -o "$work/httplib.o"
  ar rcD "$prefix/lib/libcpp-httplib.a" "$work/httplib.o"
  cp out/httplib.h "$prefix/include/"
  cat >"$prefix/lib/pkgconfig/cpp-httplib.pc" <<PC
Name: cpp-httplib
Description: HTTP server and client
Version: $(sed -n 's/^#define CPPHTTPLIB_VERSION "\(.*\)"/\1/p' httplib.h)
Requires: openssl zlib
Libs: -L$prefix/lib -lcpp-httplib
Cflags: -I$prefix/include -DCPPHTTPLIB_OPENSSL_SUPPORT -DCPPHTTPLIB_ZLIB_SUPPORT
PC
}

with_libpcap() {  # live capture and BPF alone: no D-Bus, USB, Bluetooth or RDMA
  cd "$(source_of libpcap)"
  ./configure --prefix="$prefix" --libdir="$prefix/lib" --disable-shared --disable-dbus --disable-usb --disable-bluetooth \
    --disable-rdma --without-libnl CFLAGS="${flags[*]}"
  make -j2 libpcap.a libpcap.pc
  install -m 644 libpcap.a "$prefix/lib/"
  cp -r pcap pcap.h pcap-bpf.h pcap-namedb.h "$prefix/include/"
  sed 's/-Wl,-rpath,[^ ]*//' libpcap.pc >"$prefix/lib/pkgconfig/libpcap.pc"  # a static library needs no path at run time
}

with_re2() {  # Debian's own static library
  local lib
  lib=$(dpkg -L libre2-dev | grep '/libre2\.a$')
  cp "$lib" "$prefix/lib/"
  mkdir -p "$prefix/include"
  cp -r /usr/include/re2 "$prefix/include/"
  cat >"$prefix/lib/pkgconfig/re2.pc" <<PC
Name: re2
Description: regular expressions in linear time
Version: $(pkg-config --modversion re2)
Libs: -L$prefix/lib -lre2 -pthread
Cflags: -I$prefix/include
PC
}

with_tomlplusplus() {  # its headers are whole; Debian's own configuration asks for its shared library
  mkdir -p "$prefix/lib/cmake/tomlplusplus"
  cat >"$prefix/lib/cmake/tomlplusplus/tomlplusplusConfig.cmake" <<CMAKE
add_library(tomlplusplus::tomlplusplus INTERFACE IMPORTED)
target_compile_definitions(tomlplusplus::tomlplusplus INTERFACE TOML_HEADER_ONLY=1)
CMAKE
}

with_arc4random() { gcc "${flags[@]}" -Wall -Wextra -Werror -c "$here/arc4random.c" -o "$prefix/lib/arc4random.o"; }

versions='${source:Package} ${source:Version}\n'
echo "Static libraries:"
logged fmt with_cmake fmtlib -DFMT_TEST=OFF -DFMT_DOC=OFF
logged spdlog with_cmake spdlog -DSPDLOG_FMT_EXTERNAL=ON -DSPDLOG_BUILD_EXAMPLE=OFF -DSPDLOG_BUILD_TESTS=OFF
logged toml++ with_tomlplusplus
logged httplib with_httplib
logged libpcap with_libpcap
logged re2 with_re2
logged arc4random with_arc4random

{
  for source in fmtlib spdlog cpp-httplib; do
    echo "$source $(source_version "$source")"
  done
  dpkg-query -W -f "$versions" libre2-dev "${headers_only[@]}" libstdc++-12-dev
} >"$prefix/versions.txt"
{
  echo "libpcap $(source_version libpcap)"
  dpkg-query -W -f "$versions" libjemalloc-dev
} >"$prefix/versions-understudy-agent.txt"
dpkg-query -W -f "$versions" libpg-query-dev >"$prefix/versions-understudy-replay.txt"
echo "$key" >"$prefix/key.txt"
