# Sourced by the scripts that build libraries from Debian's sources; they set `work`, a folder of their own, first. They end
# with 75 (EX_TEMPFAIL of sysexits.h) where the sources cannot be had.
# shellcheck shell=bash

# apt's own lists, with the sources of the suites that the host uses; the host's configuration stays as it is.
prepare_sources() {
  mkdir -p "$work/lists/partial" "$work/sources"
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(SITE) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | sort -u >"$work/sources.list"
  sources_apt=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  apt-get "${sources_apt[@]}" update || return 75
}

# fetch_source NAME: the newest version that can be had. A mirror may list a security update before it holds it.
fetch_source() {
  local version
  while read -r version; do
    (cd "$work/sources" && apt-get "${sources_apt[@]}" --only-source source "$1=$version" >/dev/null) && return
    rm -rf "$work/sources/$1"[-_]*
    echo "  $1 $version cannot be had; trying the version before it" >&2
  done < <(apt-cache "${sources_apt[@]}" --only-source showsrc "$1" | sed -n 's/^Version: //p' | sort -ruV)
  echo "no source of $1 can be had from the mirrors that apt knows" >&2
  return 75
}

source_of() { echo "$work/sources/$1"-[0-9]*/; }
source_version() { dpkg-parsechangelog -l "$(source_of "$1")debian/changelog" -S Version; }

logged() {  # logged NAME COMMAND ...; in the background, for a command before || would go on after an error inside
  echo "  $1"
  ("${@:2}") >"$work/$1.log" 2>&1 &
  wait $! || { tail -n 30 "$work/$1.log" >&2; exit 1; }
}
