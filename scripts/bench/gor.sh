#!/usr/bin/env bash
# Builds the versions of GoReplay ("gor") that the Go module proxy has, to measure beside the agent.
#
# usage: scripts/bench/gor.sh [VERSION ...]
#
# Needs go and libpcap-dev. Each version is tried; one that cannot be had is named and left out. Results:
# build/bench/gor/VERSION, one program each; sources are copied to build/bench/gor-src.
#
# The old versions were built by vendored submodules that the proxy does not carry. They get a go.mod, pinned to libraries
# of their time, and go without their Elasticsearch output, whose library is gone. Nothing on a request's way is changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

module=github.com/buger/goreplay
versions=("$@")
((${#versions[@]})) || versions=(v0.15.1 v1.0.0 v1.1.0 v1.3.2 v1.3.3 v2.0.0-rc2)
out="$PWD/build/bench/gor"
mkdir -p "$out" build/bench/gor-src

prepare_old() {  # in a source folder without a go.mod
  printf 'module %s\n\ngo 1.16\n' "$module" >go.mod
  rm -rf vendor examples
  find . -name '*_test.go' -delete
  if grep -qs elastigo elasticsearch.go; then
    cat >elasticsearch.go <<'GO'
package main

import (
	"log"
	"time"
)

type ESPlugin struct{}

func (p *ESPlugin) Init(URI string) { log.Fatal("this build has no Elasticsearch output") }

func (p *ESPlugin) ResponseAnalyze(req, resp []byte, start, stop time.Time) {}
GO
  fi
  go get github.com/Shopify/sarama@v1.27.2 github.com/google/gopacket@v1.1.19
  go mod tidy
}

build() {  # build VERSION
  local version="$1" source="$PWD/build/bench/gor-src/$1" from
  (cd build/bench && go mod download -json "$module@$version") >"$source.json" || true
  from=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' "$source.json")
  [[ -n "$from" ]] || { sed -n 's/^\t"Error": "\(.*\)"$/\1/p' "$source.json" | sed 's/.*\\t//'; return 1; }
  rm -rf "$source"
  cp -r "$from" "$source"
  chmod -R u+w "$source"
  (cd "$source" && { [[ -e go.mod ]] || prepare_old; } && nice go build -mod=mod -o "$out/$version" .)
}

for version in "${versions[@]}"; do
  if [[ -x "$out/$version" ]]; then
    echo "$version: built already"
  elif build "$version" >"build/bench/gor-src/$version.log" 2>&1; then
    echo "$version: built"
  else
    rm -f "$out/$version"
    echo "$version: not to be had ($(grep -v '^$' "build/bench/gor-src/$version.log" | tail -n 1 | tr -d '\t' | cut -c 1-120))"
  fi
done
