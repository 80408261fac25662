#!/usr/bin/env bash
# Measures understudy-replay clone beside `aws s3 sync` and rclone on one object store, behind a delay.
#
# usage: scripts/bench/clone.sh [--objects 7500] [--prefixes 195] [--delay-ms 30] [--runs 3] [--workers 32] [--bytes 2048]
#                               [--store radosgw|s3rver]
#
# Needs the packages of the sets test and bench, rclone (set rivals) and the AWS command line (pip install awscli). Starts
# its own store (tests/support/e2e: radosgw, or s3rver, which npm fetches) and a relay that delays, and ends them. Set
# UNDERSTUDY_BIN to the folder of the programs; else build/release/bin is taken. Prints a table of seconds, each the median
# of the runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -B scripts/bench/clone.py "$@"
