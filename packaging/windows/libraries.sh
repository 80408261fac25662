#!/usr/bin/env bash
# Cross-builds for Windows x86-64, as static libraries, what the programs need and Debian has not for mingw-w64. The sources
# are Debian's, checked by apt's signatures; libpg_query's comes from PyPI, checked by its hash.
#
# usage: packaging/windows/libraries.sh FOLDER
#
# FOLDER/include, FOLDER/lib and the lists of source packages with their versions (FOLDER/versions.txt of both programs,
# versions-PROGRAM.txt of one alone) are made once and then kept. They are kept in ${XDG_CACHE_HOME:-~/.cache}/understudy as well,
# for the next fresh clone. zlib is Debian's libz-mingw-w64-dev. Libraries that are headers alone are those of the Linux build.
set -euo pipefail
(($# == 1)) || { echo "usage: libraries.sh FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
work="$prefix/work"
toolchain="$here/../../cmake/toolchains/mingw-w64.cmake"
# shellcheck source=packaging/library-sources.sh
. "$here/../library-sources.sh"
# shellcheck source=packaging/windows/database/libraries.sh
. "$here/database/libraries.sh"
sources=(openssl libzstd re2 libpcap fmtlib cpp-httplib)
headers_only=(libboost1.81-dev libspdlog-dev libcli11-dev libexpected-dev libtomlplusplus-dev)
headers=(boost spdlog CLI tl toml++)

exec 9>"$prefix/lock"
flock 9
# Built again when these scripts, the compiler or the headers change; otherwise not even the network is needed.
key=$(cat "$here/libraries.sh" "$here"/database/* "$here/../library-sources.sh" "$toolchain" | sha256sum
  dpkg-query -W g++-mingw-w64-x86-64-posix libz-mingw-w64-dev googletest "${headers_only[@]}")
[[ -f "$prefix/key.txt" && "$key" == "$(<"$prefix/key.txt")" ]] && exit 0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/understudy/windows-libraries-$(sha256sum <<<"$key" | cut -c1-16)"
rm -rf "${prefix:?}/include" "${prefix:?}/lib" "$prefix/key.txt" "$prefix"/versions*.txt
if [[ -f "$cache/key.txt" ]]; then
  cp -R "$cache/." "$prefix"
  exit 0
fi

prepare_sources
rm -rf "$work/sources"
mkdir -p "$work/sources" "$prefix/include" "$prefix/lib"
for header in "${headers[@]}"; do ln -s "/usr/include/$header" "$prefix/include/"; done
for source in "${sources[@]}" postgresql-15; do fetch_source "$source"; done
fetch_pg_query

jobs=$(nproc)
cross=x86_64-w64-mingw32
# The paths of this build must not show in the programs, nor the time.
flags=(-O2 -fstack-protector-strong "-ffile-prefix-map=$prefix=/usr/src/libraries")
SOURCE_DATE_EPOCH=0
export SOURCE_DATE_EPOCH

with_cmake() {  # with_cmake SOURCE FOLDER OPTION ...
  cd "$work"  # libpcap's configuring writes into the current folder: to NUL:, which is a file here
  cmake -S "$(source_of "$1")/$2" -B "$work/$1" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=$toolchain" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="${flags[*]}" -DCMAKE_CXX_FLAGS="${flags[*]}" -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF "${@:3}"
}

with_openssl() {  # no configuration file: OPENSSLDIR may be a folder that others can write
  cd "$(source_of openssl)"
  # Debian's own targets are for Debian's systems.
  CC="$cross-gcc-posix" ./Configure mingw64 no-shared no-tests no-engine no-dso no-legacy no-autoload-config \
    --prefix=/usr --openssldir='C:/ProgramData/Understudy/OpenSSL' -D_WIN32_WINNT=0x0A00 "${flags[@]}" \
    AR="$cross-ar" RANLIB="$cross-ranlib" RC="$cross-windres"
  make -j"$jobs" build_generated
  make -j"$jobs" libcrypto.a libssl.a
  cp libcrypto.a libssl.a "$prefix/lib/"
  cp -R include/openssl "$prefix/include/"
}

with_zstd() {
  with_cmake libzstd build/cmake -DZSTD_BUILD_PROGRAMS=OFF -DZSTD_BUILD_SHARED=OFF -DZSTD_BUILD_TESTS=OFF
  cmake --build "$work/libzstd" --target install
}

with_re2() {  # Debian's package makes these tables from Unicode's data, not from the Internet
  make -C "$(source_of re2)" REBUILD_TABLES=1 re2/perl_groups.cc re2/unicode_casefold.cc re2/unicode_groups.cc
  with_cmake re2 . -DRE2_BUILD_TESTING=OFF
  cmake --build "$work/re2" --target install
}

with_fmt() {
  with_cmake fmtlib . -DFMT_TEST=OFF -DFMT_DOC=OFF
  cmake --build "$work/fmtlib" --target install
}

with_libpcap() {  # capture files and filters alone: no driver, nothing to import
  with_cmake libpcap . -DPCAP_TYPE=null -DBUILD_SHARED_LIBS=ON -DDISABLE_DBUS=ON -DDISABLE_RDMA=ON -DDISABLE_AIRPCAP=ON \
    -DDISABLE_PACKET=ON
  cmake --build "$work/libpcap" --target pcap_static
  find "$work/libpcap" -name 'libpcap*.a' ! -name '*.dll.a' -exec cp {} "$prefix/lib/libpcap.a" \;
  cd "$(source_of libpcap)"
  cp -R pcap pcap.h pcap-bpf.h pcap-namedb.h "$prefix/include/"
}

with_httplib() {
  cd "$(source_of cpp-httplib)"
  python3 ./split.py
  "$cross-g++-posix" -std=c++17 "${flags[@]}" -I"$prefix/include" -D_WIN32_WINNT=0x0A00 -DCPPHTTPLIB_OPENSSL_SUPPORT \
    -DCPPHTTPLIB_ZLIB_SUPPORT -c out/httplib.cc -o "$work/httplib.o"
  "$cross-ar" rcD "$prefix/lib/libcpp-httplib.a" "$work/httplib.o"
  cp out/httplib.h "$prefix/include/"
}

with_googletest() {  # for the unit tests; Debian's own sources
  cmake -S /usr/src/googletest -B "$work/googletest" -G Ninja "-DCMAKE_TOOLCHAIN_FILE=$toolchain" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS=-O1 -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_GMOCK=ON
  cmake --build "$work/googletest" --target install
}

echo "Libraries for Windows:"
logged fmt with_fmt
logged re2 with_re2
logged zstd with_zstd
logged libpcap with_libpcap
logged googletest with_googletest
logged openssl with_openssl
logged httplib with_httplib
logged libpq with_libpq
logged libpg_query with_pg_query

{
  for source in "${sources[@]}"; do
    [[ "$source" == libpcap ]] || echo "$source $(source_version "$source")"
  done
  dpkg-query -W -f '${source:Package} ${source:Version}\n' libz-mingw-w64-dev "${headers_only[@]}" g++-mingw-w64-x86-64-posix \
    mingw-w64-x86-64-dev
} | sort -u >"$prefix/versions.txt"
echo "libpcap $(source_version libpcap)" >"$prefix/versions-understudy-agent.txt"
{
  echo "postgresql-15 $(source_version postgresql-15)"
  echo "libpg-query 15-$(pg_query_version) pkg:github/pganalyze/libpg_query@15-$(pg_query_version)"
} >"$prefix/versions-understudy-replay.txt"
echo "$key" >"$prefix/key.txt"
mkdir -p "$(dirname "$cache")"
rm -rf "$cache.new"
mkdir "$cache.new"
cp -R "$prefix/include" "$prefix/lib" "$prefix"/versions*.txt "$prefix/key.txt" "$cache.new/"
[[ -d "$cache" ]] || mv "$cache.new" "$cache"
