# Sourced by packaging/windows/libraries.sh: libpq and libpg_query, which understudy-replay has for databases.
# shellcheck shell=bash disable=SC2154  # work, prefix, flags, cross and jobs are the caller's
set -euo pipefail
database="$here/database"

# Debian's libpg-query, from which the Linux build has its library, is not on every mirror as a source.
fetch_pg_query() {
  local environment="$work/python"
  python3 -m venv --clear "$environment" || return 75
  local pip=("$environment/bin/pip" --quiet --disable-pip-version-check)
  "${pip[@]}" install --no-deps --require-hashes --only-binary :all: -r "$database/download_tools.txt" &&
    "${pip[@]}" download --no-deps --no-build-isolation --require-hashes --no-binary :all: -r "$database/pg_query_source.txt" \
      -d "$work/sources" && return
  echo "no source of libpg_query can be had from the package index that pip knows" >&2
  return 75
}

# sealed LIBRARY NAMES INPUT_OF_LD ...: an archive of one object, which shows the names of a file and hides all others. Both libraries
# are made of PostgreSQL's sources and have functions of the same names that are not the same.
sealed() {
  local object="$work/$1.o"
  "$cross-ld" -r -o "$object" "${@:3}"
  "$cross-objcopy" --strip-debug --keep-global-symbols="$2" "$object"
  rm -f "$prefix/lib/$1.a"
  "$cross-ar" rcD "$prefix/lib/$1.a" "$object"
}

# Without the tables of addresses of the larger model, which could not be hidden.
small_model=-mcmodel=small

with_libpq() {  # OpenSSL and Windows' own single sign-on; no configuration from a folder that others can write
  local source
  source=$(source_of postgresql-15)
  mkdir -p "$work/postgresql"
  cd "$work/postgresql"
  CC="$cross-gcc-posix" CFLAGS="${flags[*]} $small_model" \
    CPPFLAGS="-I$prefix/include -D_WIN32_WINNT=0x0A00" LDFLAGS="-L$prefix/lib -static" \
    LIBS="-lws2_32 -lcrypt32 -lbcrypt -ladvapi32 -luser32" "$source/configure" --host="$cross" --with-openssl --without-readline \
    --without-zlib --prefix=/usr --sysconfdir=C:/ProgramData/Understudy
  make -C src/backend generated-headers
  make -j"$jobs" -C src/common libpgcommon_shlib.a
  make -j"$jobs" -C src/port libpgport_shlib.a
  # Its own build makes a DLL of these.
  # shellcheck disable=SC2016  # make's own variables
  printf 'include Makefile\nobjects: $(filter-out $(WIN32RES), $(OBJS))\n' | make -j"$jobs" -C src/interfaces/libpq -f - objects
  awk '/^[^#]/ { print $1 }' "$source/src/interfaces/libpq/exports.txt" >"$work/libpq.names"
  sealed libpq "$work/libpq.names" src/interfaces/libpq/*.o --start-group src/common/libpgcommon_shlib.a \
    src/port/libpgport_shlib.a --end-group
  cp "$source/src/interfaces/libpq/libpq-fe.h" "$source/src/include/postgres_ext.h" src/include/pg_config_ext.h "$prefix/include/"
}

# As its Makefile does it, with PostgreSQL's headers and configuration for Windows, which its own source does not have.
with_pg_query() {
  local postgres include
  postgres=$(source_of postgresql-15)
  rm -rf "$work/pg_query"
  mkdir "$work/pg_query"
  tar -xzf "$work/sources"/pglast-*.tar.gz -C "$work/pg_query" --strip-components=2 --wildcards '*/libpg_query'
  cd "$work/pg_query"
  include=src/postgres/include
  cp "$work"/postgresql/src/include/pg_config{,_ext}.h "$postgres/src/include/rusagestub.h" $include/
  cp -R "$postgres"/src/include/port/win32{,.h,_port.h} $include/port/
  { cat "$postgres/src/include/port/win32.h"; printf '#undef PGDLLIMPORT\n#define PGDLLIMPORT\n'; } >$include/pg_config_os.h
  # What its own configuration leaves out: TLS, and instructions that not every processor has.
  printf '#undef %s\n' USE_OPENSSL HAVE_X86_64_POPCNTQ HAVE__GET_CPUID USE_SSE42_CRC32C_WITH_RUNTIME_CHECK >>$include/pg_config.h
  rm src/postgres/src_backend_postmaster_postmaster.c src/postgres/src_backend_utils_misc_guc.c
  cp "$database/pg_query_server.c" "$postgres/src/port/strlcpy.c" src/

  # The fingerprints of 15-4.0.0, Debian's version, on 64-bit Linux: 15-4.1.0 began to count Boolean nodes, which options of
  # commands have; and FETCH ALL asks for as many rows as a long can count, which has 32 bits on Windows.
  sed -i '/case T_Boolean:/,/break;/s/_fingerprintBoolean(ctx, obj);/(void)_fingerprintBoolean;/' src/pg_query_fingerprint.c
  sed -i 's/"%ld", node->howMany/"%lld", node->howMany == LONG_MAX ? LLONG_MAX : (long long)node->howMany/' src/pg_query_fingerprint_defs.c
  grep -q '(void)_fingerprintBoolean' src/pg_query_fingerprint.c
  grep -q LLONG_MAX src/pg_query_fingerprint_defs.c

  make -j"$jobs" build CC="$cross-gcc-posix" AR="$cross-ar rs" CFLAGS_OPT_LEVEL= \
    CFLAGS="${flags[*]} $small_model -D_WIN32_WINNT=0x0A00 -I$include/port/win32"
  sed -n 's/^.*\b\(pg_query_[a-z_]*\)(.*$/\1/p' pg_query.h | sort -u >"$work/pg_query.names"
  find src vendor protobuf -name '*.o' | sort >"$work/pg_query.objects"
  sealed libpg_query "$work/pg_query.names" "@$work/pg_query.objects"
  cp pg_query.h "$prefix/include/"
}

pg_query_version() { sed -n 's/^VERSION = //p' "$work/pg_query/Makefile"; }
