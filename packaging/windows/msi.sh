#!/usr/bin/env bash
# Makes the .msi from staged files.
#
# usage: packaging/windows/msi.sh STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
#
# A version of MSI has three numbers: a development version has those of the release that it leads to. Which commit it is
# stands in its comments, and the product code differs with every version.
set -euo pipefail
(($# == 3)) && [[ -n "${SOURCE_DATE_EPOCH:-}" ]] || { echo "usage: SOURCE_DATE_EPOCH=N msi.sh STAGE VERSION OUTPUT_FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
stage=$(cd "$1" && pwd)
version="$2"
output="$(cd "$3" && pwd)/understudy-agent-$2-windows-x86_64.msi"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

uuid_of() { python3 -c 'import sys, uuid; print(str(uuid.uuid5(uuid.NAMESPACE_OID, sys.argv[1])).upper())' "$1"; }
manufacturer=$("$here/../maintainer.sh" | sed -e 's/ *<.*//' -e 's/[&<>"|]//g')
sed -e "s/@PRODUCT_CODE@/$(uuid_of "understudy-agent msi $version")/; s/@VERSION@/$version/g; s/@MSI_VERSION@/${version%%[-+~]*}/" \
  -e "s|@MANUFACTURER@|$manufacturer|" "$here/install.wxs.in" >"$work/install.wxs"
cp "$stage/understudy-agent.exe" "$stage/sbom.cdx.json" "$work"
sed 's/$/\r/' "$stage/LICENSE" >"$work/LICENSE.txt"
touch --date="@$SOURCE_DATE_EPOCH" "$work"/*

# Tables of Windows Installer as archive files, with lines that end in CR LF ("Text Archive Files" of its documentation).
table() { printf '%s\r\n' "${@:2}" >"$work/$1.idt"; }
tab=$'\t'
table IniFile "IniFile${tab}FileName${tab}DirProperty${tab}Section${tab}Key${tab}Value${tab}Action${tab}Component_" \
  "s72${tab}l255${tab}S72${tab}l96${tab}l128${tab}l255${tab}i2${tab}s72" "IniFile${tab}IniFile" \
  "to${tab}setup.ini${tab}DATADIR${tab}shadow${tab}to${tab}\"[SHADOW_URL]\"${tab}0${tab}ShadowUrl" \
  "proxy${tab}setup.ini${tab}DATADIR${tab}shadow${tab}proxy${tab}\"[PROXY_URL]\"${tab}0${tab}ProxyUrl" \
  "port${tab}setup.ini${tab}DATADIR${tab}capture${tab}port${tab}\"[PORT]\"${tab}0${tab}Port"
table MsiLockPermissionsEx "MsiLockPermissionsEx${tab}LockObject${tab}Table${tab}SDDLText${tab}Condition" \
  "s72${tab}s72${tab}s32${tab}s0${tab}S255" "MsiLockPermissionsEx${tab}MsiLockPermissionsEx" \
  "data${tab}DATADIR${tab}CreateFolder${tab}O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)${tab}"
# Of a program that no longer runs, and so does not remove its copy by itself.
table RemoveFile "FileKey${tab}Component_${tab}FileName${tab}DirProperty${tab}InstallMode" "s72${tab}s72${tab}S255${tab}s72${tab}i2" \
  "RemoveFile${tab}FileKey" "installed${tab}Program${tab}UNDERS~1.EXE|understudy-agent.exe${tab}PROGRAMDIR${tab}2"

# Everything that writes a time sees this one, which stands still; files keep the time that they have.
at=(env TZ=UTC NO_FAKE_STAT=1 faketime -f "$(date -u -d "@$SOURCE_DATE_EPOCH" '+%Y-%m-%d %H:%M:%S')")
cd "$work"
"${at[@]}" wixl --arch x64 --output package.msi install.wxs
"${at[@]}" msiinfo export package.msi InstallExecuteSequence | sed 's/\r$//' >sequence.idt
# The 64-bit component of data is permanent as well (256 + 16); the others exist if their property is given.
"${at[@]}" msiinfo export package.msi Component | sed 's/\r$//' | awk -F '\t' -v OFS='\t' '
  $1 == "Data" { $4 = 272 }
  $1 == "ShadowUrl" { $5 = "SHADOW_URL" }
  $1 == "ProxyUrl" { $5 = "PROXY_URL" }
  $1 == "Port" { $5 = "PORT" }
  { print }' | sed 's/$/\r/' >Component.idt
# The properties are written, then the program is called, behind everything that it needs and before the package is registered; at
# a removal before the services are stopped, unless another version takes its place: then the program stays ($Program is not 2,
# also for an installer that does not set UPGRADINGPRODUCTCODE).
{
  printf 'WriteIniValues\t\t5100\n'
  printf 'Install\tNOT REMOVE AND NOT (SHADOW_URL OR PROXY_URL OR PORT)\t5951\n'
  printf 'InstallWithSettings\tNOT REMOVE AND (SHADOW_URL OR PROXY_URL OR PORT)\t5950\n'
  printf 'Uninstall\tREMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND $Program=2\t1850\n'
} >>sequence.idt
sed 's/$/\r/' sequence.idt >InstallExecuteSequence.idt
# 3090: a program of the package (18), deferred (1024), not as the user (2048), whose failure undoes all; 3154: 64 more, ignored.
table CustomAction "Action${tab}Type${tab}Source${tab}Target${tab}ExtendedType" "s72${tab}i2${tab}S72${tab}S255${tab}I4" \
  "CustomAction${tab}Action" "Install${tab}3090${tab}Program${tab}service install${tab}" \
  "InstallWithSettings${tab}3090${tab}Program${tab}service install --settings \"[DATADIR]setup.ini\"${tab}" \
  "Uninstall${tab}3154${tab}Program${tab}service uninstall${tab}"
for name in CustomAction IniFile RemoveFile MsiLockPermissionsEx Component InstallExecuteSequence; do "${at[@]}" msibuild package.msi -i "$name.idt"; done
"${at[@]}" msibuild package.msi -s "Understudy agent" "$manufacturer" "x64;1033" "{$(uuid_of "understudy-agent msi package $version")}"
install -m 644 package.msi "$output"
