#!/usr/bin/env bash
# Signs a program or an .msi in place, when a key is named; without one it leaves the file as it is.
#
# usage: packaging/windows/sign.sh FILE
#
#   PACKAGE_SIGN_CERTIFICATE    PEM file of the certificate with its chain
#   PACKAGE_SIGN_KEY            PEM file of its key
#   PACKAGE_SIGN_PASSWORD_FILE  holds the key's password, where it has one
#   PACKAGE_SIGN_TIMESTAMP_URL  an RFC 3161 time stamp server; without it a signature ends with its certificate
#
# A signature of RSA without a time stamp is the same at each run: its time is SOURCE_DATE_EPOCH.
set -euo pipefail
(($# == 1)) || { echo "usage: sign.sh FILE" >&2; exit 2; }
[[ -n "${PACKAGE_SIGN_KEY:-}" ]] || exit 0
: "${PACKAGE_SIGN_CERTIFICATE:?is not set: the certificate that belongs to PACKAGE_SIGN_KEY}"
options=(-certs "$PACKAGE_SIGN_CERTIFICATE" -key "$PACKAGE_SIGN_KEY" -h sha256 -n "Understudy")
[[ -z "${PACKAGE_SIGN_PASSWORD_FILE:-}" ]] || options+=(-readpass "$PACKAGE_SIGN_PASSWORD_FILE")
[[ -z "${PACKAGE_SIGN_TIMESTAMP_URL:-}" ]] || options+=(-ts "$PACKAGE_SIGN_TIMESTAMP_URL")
[[ -z "${SOURCE_DATE_EPOCH:-}" ]] || options+=(-time "$SOURCE_DATE_EPOCH")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
osslsigncode sign "${options[@]}" -in "$1" -out "$work/signed" >/dev/null
mv "$work/signed" "$1"
