#!/usr/bin/env bash
# Fetches what the HTML report embeds and this repository does not hold: uPlot, from npm, in the version that
# replay/html_report/page/package-lock.json pins by its digest.
#
# usage: scripts/page-libraries.sh
#
# Leaves it in build/page-libraries, where the next configuring finds it. Does nothing, and needs no network, when it is
# there already. Wants npm (scripts/dependencies.sh page); which registry it asks is npm's own configuration.
set -euo pipefail
cd "$(dirname "$0")/.."

page=replay/html_report/page
libraries=build/page-libraries
if cmp -s "$page/package-lock.json" "$libraries/package-lock.json" && [[ -e $libraries/node_modules/uplot/LICENSE ]]; then
  exit 0
fi
command -v npm >/dev/null || { echo "page-libraries.sh: npm is not installed; scripts/dependencies.sh page installs it" >&2; exit 1; }
fetching="$libraries.fetching"
rm -rf "$fetching"
mkdir -p "$fetching"
cp "$page/package.json" "$page/package-lock.json" "$fetching/"
npm ci --prefix "$fetching" --ignore-scripts --no-audit --no-fund --loglevel=error || {
  echo "page-libraries.sh: npm could not fetch uPlot; without it reports have tables and no charts" >&2
  exit 1
}
rm -rf "$libraries"
mv "$fetching" "$libraries"
