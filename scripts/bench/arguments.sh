# To be sourced by a script that has its usage in a comment from its second line to its first line of code: takes
# --no-build and --help out of "$@". Sets `build` (true or false) and `arguments` (the rest).
# shellcheck shell=bash disable=SC2034
build=true
arguments=()
for argument in "$@"; do
  case "$argument" in
    --no-build) build=false ;;
    -h|--help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) arguments+=("$argument") ;;
  esac
done
