# Sourced by the scripts that stage files: the pages of docs/ that go with each program.
# shellcheck shell=bash disable=SC2034  # for those who source it
agent_pages=(rules status framing-policy recording-jsonl recording-take limits exit-codes)
replay_pages=(replay recordings recording-take recording-jsonl pacing objectives comparison rules middleware replay-report rehearsal
  database forecast environment environment-server clone limits exit-codes)

install_pages() {  # install_pages FOLDER PAGE ...
  local folder="$1"
  mkdir -p "$folder"
  for page in "${@:2}"; do install -m 644 "$(dirname "${BASH_SOURCE[0]}")/../docs/$page.md" "$folder/"; done
}
