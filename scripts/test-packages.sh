#!/usr/bin/env bash
# Tests what scripts/package.sh made: lints it, and installs, upgrades, downgrades, removes and purges it in roots of their
# own; the Windows packages under Wine. Wants root (debootstrap, chroot, network namespaces), and the Linux release build's
# tools for the latter (cmake --preset release).
#
# usage: scripts/test-packages.sh
#
# The fresh Debian root is made once, in build/debian-root; each test works on a copy. The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
((EUID == 0)) || { echo "test-packages.sh: run as root: it makes roots with debootstrap and enters them" >&2; exit 1; }
scripts/dependencies.sh package package-test

packages="$PWD/build/packages"
deb=("$packages"/understudy-agent_*.deb)
rpm=("$packages"/understudy-agent-*.rpm)
replay_deb=("$packages"/understudy-replay_*.deb)
replay_rpm=("$packages"/understudy-replay-*.rpm)
unit=packaging/linux/understudy-agent.service
base="$PWD/build/debian-root"
[[ -e "${deb[0]}" && -e "${rpm[0]}" && -e "${replay_deb[0]}" && -e "${replay_rpm[0]}" ]] || { echo "test-packages.sh: no packages in build/packages; run scripts/package.sh" >&2; exit 1; }

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)  # for the newer version that the tests make of the same files
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() {  # check WHAT COMMAND ...
  local what="$1"
  shift
  ("$@") >"$work/log" 2>&1 &
  if wait $!; then passed=$((passed + 1)); echo "passed: $what"; else failed=$((failed + 1)); echo "FAILED: $what"; tail -n 30 "$work/log"; fi
}

fresh_root() {  # prints the path of a fresh root that the caller may change
  # The lists of packages are kept: libssl3 must be had from somewhere.
  [[ -e "$base/etc/debian_version" ]] ||
    debootstrap --variant=minbase --include=ca-certificates,libssl3,zlib1g,libzstd1,systemd,procps bookworm "$base" >"$work/debootstrap.log" 2>&1 ||
    { tail "$work/debootstrap.log" >&2; rm -rf "$base"; return 1; }
  local root
  root=$(mktemp -d "$work/root.XXXX")
  cp -a "$base/." "$root/"
  echo "$root"
}

inside() {  # inside ROOT COMMAND ...: without questions, and without a terminal to ask on
  chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "${@:2}" </dev/null
}

# Every path that a package may leave behind, with its kind and mode; what dpkg and the tools keep of their own is left out.
files_of() {
  (cd "$1" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./var/cache -prune -o \
    -path ./var/lib/systemd/deb-systemd-helper-enabled -prune -o -printf '%p %y %m\n') | grep -vE '^\./etc/(passwd|group|shadow|gshadow|subuid|subgid)-? ' | sort
}

install_deb() {
  local root="$1" file="$2"
  cp "$file" "$root/tmp/understudy-agent.deb"
  inside "$root" dpkg --install /tmp/understudy-agent.deb
  rm "$root/tmp/understudy-agent.deb"
}

deb_life_cycle() {
  local root before
  root=$(fresh_root)
  before=$(files_of "$root")
  install_deb "$root" "${deb[0]}"
  inside "$root" understudy-agent --version
  [[ "$(inside "$root" stat -c '%U:%G %a' /etc/understudy/agent.toml)" == "root:understudy 640" ]]
  [[ -L "$root/etc/systemd/system/multi-user.target.wants/understudy-agent.service" ]]
  install_deb "$root" "${deb[0]}"  # twice is the same as once

  # The configuration survives an upgrade, a downgrade and a removal; so does a recording.
  echo 'port = [8080] # mine' >>"$root/etc/understudy/agent.toml"
  mkdir -p "$root/var/lib/understudy"
  echo '{}' >"$root/var/lib/understudy/out.jsonl"
  packaging/linux/deb.sh understudy-agent build/package/stage-understudy-agent 99.0.0 "$work"
  install_deb "$root" "$work"/understudy-agent_99.0.0_*.deb
  grep -q mine "$root/etc/understudy/agent.toml"
  install_deb "$root" "${deb[0]}"
  grep -q mine "$root/etc/understudy/agent.toml"
  inside "$root" dpkg --remove understudy-agent
  grep -q mine "$root/etc/understudy/agent.toml"
  [[ ! -e "$root/usr/bin/understudy-agent" ]]
  inside "$root" dpkg --purge understudy-agent
  [[ -e "$root/var/lib/understudy/out.jsonl" ]]

  # Without a recording nothing is left, the user included.
  rm -r "$root/var/lib/understudy"
  install_deb "$root" "${deb[0]}"
  inside "$root" dpkg --purge understudy-agent
  diff <(echo "$before") <(files_of "$root")
  inside "$root" getent passwd understudy && return 1
  return 0
}

# What the administrator disabled stays so.
deb_keeps_disabled() {
  local root
  root=$(fresh_root)
  install_deb "$root" "${deb[0]}"
  inside "$root" systemctl disable understudy-agent
  packaging/linux/deb.sh understudy-agent build/package/stage-understudy-agent 99.0.0 "$work"
  install_deb "$root" "$work"/understudy-agent_99.0.0_*.deb
  [[ ! -e "$root/etc/systemd/system/multi-user.target.wants/understudy-agent.service" ]]
}

# The unit's condition: 1 without an output, 0 with one, 0 with a broken file (so that the start itself tells).
condition() {
  local root
  root=$(fresh_root)
  install_deb "$root" "${deb[0]}"
  local command=/usr/libexec/understudy/has-output status=0
  inside "$root" "$command" || status=$?
  ((status == 1))
  inside "$root" env UNDERSTUDY_TO=http://shadow UNDERSTUDY_PORT=80 "$command"
  echo 'to = ["http://shadow"]' >>"$root/etc/understudy/agent.toml"  # the last table is [status]; tables only group
  inside "$root" "$command"
  echo 'no such key = 1' >>"$root/etc/understudy/agent.toml"
  inside "$root" "$command"
}

unit_is_sound() {
  local root
  root=$(fresh_root)
  install_deb "$root" "${deb[0]}"
  SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no --root="$root" understudy-agent.service 2>&1 | tee "$work/verify"
  [[ ! -s "$work/verify" ]]
  systemd-analyze security --offline=true --threshold=20 "$unit"
}

# A real systemd, as process 1 of namespaces of its own, runs the service in a root with the package. Sets `init`, its process.
boot() {
  local root="$1" hierarchy
  hierarchy=$(findmnt --types cgroup2 --noheadings --output TARGET | head -n 1)
  group="$hierarchy/understudy-packages-$$"
  mkdir "$group"
  bash -c 'echo $$ >"$0/cgroup.procs"; exec unshare --pid --mount --net --ipc --uts --cgroup --fork --kill-child "$@"' \
    "$group" tests/support/packages/boot.sh "$root" </dev/null &
  booted=$!
  trap 'kill "${services[@]}"; kill -KILL "$booted"; wait_for remove_group' EXIT  # unshare ignores SIGTERM
  services=()
  for _ in $(seq 100); do
    init=$(pgrep --parent "$booted") && grep -q systemd "/proc/$init/comm" && nsenter --all --target "$init" systemctl is-system-running --wait && return
    sleep 0.2
  done
  echo "systemd did not come up"
  return 1
}

# Processes that were killed leave their group a moment later.
remove_group() { find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [[ ! -e "$group" ]]; }

wait_for() { for _ in $(seq 100); do "$@" && return; sleep 0.1; done; echo "never: $*"; return 1; }

# That, with a service on 8080 and a shadow on 8081. Sets `in` and `net`, which go before a command that shall run there.
boot_with_services() {
  boot "$1"
  in=(nsenter --all --target "$init")
  net=(nsenter --net --target "$init")
  for service in "production 8080" "shadow 8081"; do
    read -r name port <<<"$service"
    rm -f "$work/$name.log"  # of a check before
    "${net[@]}" python3 scripts/demo/service.py "$name" "$port" "$work/$name.log" &
    services+=($!)
    wait_for "${net[@]}" curl -fs -o /dev/null "http://127.0.0.1:$port/ready"
  done
}

# The README's first command as it stands there, but for the shadow's URL: the next request is mirrored.
readme_command() {
  local root in net command
  root=$(fresh_root)
  mkdir "$root/root/packages"
  cp "${deb[0]}" "$root/root/packages/"
  printf '#!/bin/sh\nexec "$@"\n' >"$root/usr/local/bin/sudo"  # the fresh root has none
  chmod 755 "$root/usr/local/bin/sudo"
  command=$(grep '^sudo .*apt-get install' README.md)
  boot_with_services "$root"
  "${in[@]}" sh -c "cd /root/packages && ${command//https:\/\/shadow.example.com/http://127.0.0.1:8081}" </dev/null
  "${net[@]}" curl -fs -o /dev/null http://127.0.0.1:8080/orders/first
  wait_for grep orders/first "$work/shadow.log"
}

under_systemd() {
  local root in net
  root=$(fresh_root)
  cp "${deb[0]}" "$root/root/agent.deb"
  packaging/linux/deb.sh understudy-agent build/package/stage-understudy-agent 99.0.0 "$work"
  cp "$work"/understudy-agent_99.0.0_*.deb "$root/root/newer.deb"
  boot_with_services "$root"

  # Installed, it is enabled and leaves itself alone, which is no failure.
  "${in[@]}" dpkg --install /root/agent.deb </dev/null
  [[ "$("${in[@]}" systemctl is-enabled understudy-agent)" == enabled ]]
  [[ "$("${in[@]}" systemctl show -P Result understudy-agent)" == exec-condition ]]
  wait_for "${in[@]}" sh -c 'journalctl --unit understudy-agent | grep "no shadow and no recording are set"'

  # With a shadow it mirrors and records, confined as the unit says.
  printf 'UNDERSTUDY_PORT=8080\nUNDERSTUDY_INTERFACE=lo\nUNDERSTUDY_TO=http://127.0.0.1:8081\nUNDERSTUDY_RECORD=out.jsonl\n' \
    >"$root/etc/default/understudy-agent"
  "${in[@]}" systemctl restart understudy-agent
  wait_for "${net[@]}" curl -fs -o /dev/null http://127.0.0.1:9600/health
  for i in $(seq 10); do "${net[@]}" curl -fs -o /dev/null "http://127.0.0.1:8080/orders/$i"; done
  wait_for grep orders/10 "$work/shadow.log"
  [[ "$(grep -c orders/ "$work/shadow.log")" == 10 ]]
  "${in[@]}" sh -c 'grep "^CapEff:.*0000000000002000$" "/proc/$(systemctl show -P MainPID understudy-agent)/status"'
  "${in[@]}" systemctl reload understudy-agent
  wait_for "${in[@]}" sh -c 'journalctl --unit understudy-agent | grep -q "configuration was reloaded"'

  # An upgrade stops it for less than 2 s, it mirrors again, and the package's self-test has seen that.
  "${in[@]}" dpkg --install /root/newer.deb </dev/null | tee "$work/upgrade.log"
  grep "^probe *ok" "$work/upgrade.log" || grep -i "probe" "$work/upgrade.log"
  local ended begun
  ended=$("${in[@]}" systemctl show -P ActiveExitTimestampMonotonic understudy-agent)
  begun=$("${in[@]}" systemctl show -P ActiveEnterTimestampMonotonic understudy-agent)
  echo "not running in an upgrade for $(((begun - ended) / 1000)) ms"
  ((begun > ended && begun - ended < 2000000))
  wait_for "${net[@]}" curl -fs -o /dev/null http://127.0.0.1:9600/health
  "${net[@]}" curl -fs -o /dev/null http://127.0.0.1:8080/orders/upgraded
  wait_for grep orders/upgraded "$work/shadow.log"

  # An agent that sees nothing fails the installation with the reason, which is repeated once it is mended.
  printf 'UNDERSTUDY_PORT=8099\nUNDERSTUDY_TO=http://127.0.0.1:8081\nUNDERSTUDY_SELF_TEST_TIME=2s\n' >"$root/etc/default/understudy-agent"
  "${in[@]}" dpkg --install /root/newer.deb </dev/null && return 1
  printf 'UNDERSTUDY_PORT=8080\nUNDERSTUDY_TO=http://127.0.0.1:8081\n' >"$root/etc/default/understudy-agent"
  "${in[@]}" systemctl restart understudy-agent
  "${in[@]}" dpkg --configure -a </dev/null
  "${in[@]}" understudy-agent service status --json | grep '"state":"running"'

  "${in[@]}" dpkg --purge understudy-agent </dev/null
  [[ "$("${in[@]}" systemctl is-active understudy-agent)" == inactive ]]
  [[ "$(wc -l <"$root/var/lib/understudy/out.jsonl")" -ge 10 ]]
}

rpm_life_cycle() {
  local root
  root=$(fresh_root)
  inside "$root" true
  local command=(rpm --root "$root" --nodeps)
  "${command[@]}" --install "${rpm[0]}"
  inside "$root" understudy-agent --version
  [[ "$(inside "$root" stat -c '%U:%G %a' /etc/understudy/agent.toml)" == "root:understudy 640" ]]
  echo 'port = [8080] # mine' >>"$root/etc/understudy/agent.toml"
  packaging/linux/rpm.sh understudy-agent build/package/stage-understudy-agent 99.0.0 "$work"
  "${command[@]}" --upgrade "$work"/understudy-agent-99.0.0-*.rpm
  grep -q mine "$root/etc/understudy/agent.toml"
  "${command[@]}" --upgrade --oldpackage "${rpm[0]}"
  grep -q mine "$root/etc/understudy/agent.toml"
  "${command[@]}" --erase understudy-agent
  grep -q mine "$root/etc/understudy/agent.toml.rpmsave"
  [[ ! -e "$root/usr/bin/understudy-agent" && ! -e "$root/usr/libexec/understudy/has-output" ]]
  inside "$root" getent passwd understudy && return 1
  return 0
}

# understudy-replay, installed in a root: it runs, reads a recording, and speaks to libpq.
replay_works() {  # replay_works ROOT
  inside "$1" understudy-replay --version
  printf '%s\n' '{"session":"a-1","time":"2026-01-02T03:04:05Z","request":{"method":"GET","target":"/orders/1","version":"1.1","headers":[["Host","shop.example.com"]],"body_length":0,"body_base64":""},"complete":true}' >"$1/tmp/out.jsonl"
  inside "$1" understudy-replay inspect /tmp/out.jsonl | tee "$work/inspected"
  grep -q '^requests *1 in 1 sessions' "$work/inspected"
  local status=0
  inside "$1" understudy-replay observe postgres://nobody@127.0.0.1:9/none --for 1s 2>"$work/observed" || status=$?
  ((status == 23))
  grep 'cannot connect' "$work/observed"
}

replay_deb_life_cycle() {
  local root before
  root=$(fresh_root)
  cp "${replay_deb[0]}" "$root/tmp/understudy-replay.deb"
  # libpq and what it needs come from the distribution, as for anybody.
  inside "$root" sh -c 'apt-get install -y --no-install-recommends /tmp/understudy-replay.deb >/dev/null'
  replay_works "$root"
  inside "$root" apt-get purge -y understudy-replay >/dev/null
  [[ -z "$(find "$root/usr" "$root/etc" -name '*understudy*')" ]]
}

replay_rpm_life_cycle() {
  local root
  root=$(fresh_root)
  inside "$root" sh -c 'apt-get install -y --no-install-recommends libpq5 >/dev/null'
  rpm --root "$root" --nodeps --install "${replay_rpm[0]}"
  replay_works "$root"
  rpm --root "$root" --nodeps --erase understudy-replay
  [[ -z "$(find "$root/usr" "$root/etc" -name '*understudy*')" ]]
}

# Enterprise Linux 9 has libpq 13: what libpq 14 and later added may not be called.
replay_of_old_libpq() {
  nm -D --undefined-only build/package/stage-understudy-replay/usr/bin/understudy-replay | awk '$2 ~ /^PQ/ { print $2 }' | tee "$work/libpq"
  grep -q '^PQconnectStart$' "$work/libpq"
  ! grep -E '^PQ(enterPipelineMode|exitPipelineMode|pipelineStatus|pipelineSync|sendFlushRequest|setTraceFlags|mblenBounded|closePrepared|closePortal|sendClose.*|cancel(Blocking|Create|Conn|Start|Poll|Status|Socket|ErrorMessage|Finish|Reset)|changePassword|sendPipelineSync|setChunkedRowsMode|socketPoll|connectionUsedGSSAPI)$' "$work/libpq"
}

# Every library and version of a symbol must exist on Enterprise Linux 9: glibc 2.34, OpenSSL 3.0, zlib 1.2.11, zstd 1.5.
rpm_dependencies() {  # rpm_dependencies RPM
  local requires unknown
  requires=$(rpm --query --package --requires "$1")
  echo "$requires"
  unknown=$(grep -vE '^(rpmlib\(.*|/bin/sh|/usr/bin/sh|systemd|shadow-utils|rtld\(GNU_HASH\)|config\(understudy-agent\) = .*|libpq\.so\.5\(\)\(64bit\)|ld-linux-x86-64\.so\.2\(.*|libm\.so\.6\(.*|libgcc_s\.so\.1\(.*|lib(ssl|crypto)\.so\.3\((OPENSSL_3\.0\.0)?\)\(64bit\)|libz\.so\.1\((ZLIB_1\.2\.[0-9.]+)?\)\(64bit\)|libzstd\.so\.1\(\)\(64bit\)|libc\.so\.6\((GLIBC_2\.([0-9]|[12][0-9]|3[0-4])(\.[0-9]+)?)?\)\(64bit\))' <<<"$requires") || true
  [[ -z "$unknown" ]] || { echo "not on Enterprise Linux 9: $unknown"; return 1; }
}

archive_has_all() {  # archive_has_all PROGRAM
  tar -tzf "$packages/$1"-*.tar.gz | sed 's|^[^/]*||' | grep -v '/$' | sort >"$work/archive"
  (cd "build/package/stage-$1" && find . -type f -printf '/%P\n') | sort | diff - "$work/archive"
}

# The Windows packages that were made, by the tests that CI runs on packages of its own.
windows_packages() { UNDERSTUDY_PACKAGES="$packages" UNDERSTUDY_BIN="$PWD/build/release/bin" UNDERSTUDY_WINDOWS_BIN="$PWD/build/package-windows/bin" python3 -B "tests/windows/$1_test.py"; }

# Of the container recipes: `helm` comes through the Go module proxy, where there is a Go. hadolint cannot be had so.
helm_version=v3.18.6
kubernetes_version=1.29
go_tool() { GOFLAGS=-mod=mod GOBIN="$PWD/build/go-tools" go install "$1"; }
helm_chart_is_sound() {
  go_tool "helm.sh/helm/v3/cmd/helm@$helm_version"
  build/go-tools/helm lint --strict packaging/container/chart
  build/go-tools/helm template understudy packaging/container/chart --kube-version "$kubernetes_version" --set-string config='port = [8080]' >"$work/chart.yaml"
  grep -q 'kind: DaemonSet' "$work/chart.yaml"
}

# Both recipes against the schemas of Kubernetes, which this package of PyPI brings along; unknown fields are errors.
manifests_are_sound() {
  local environment=build/kubernetes-validate
  [[ -x "$environment/bin/kubernetes-validate" ]] || { python3 -m venv "$environment" && "$environment/bin/pip" install --quiet kubernetes-validate==1.29.1; }
  local files=(packaging/container/daemonset.yaml)
  [[ ! -e "$work/chart.yaml" ]] || files+=("$work/chart.yaml")  # of the check before
  "$environment/bin/kubernetes-validate" --kubernetes-version "$kubernetes_version" --strict "${files[@]}"
}

manual_is_sound() {  # manual_is_sound PROGRAM
  local page="build/package/stage-$1/usr/share/man/man1/$1.1"
  MANWIDTH=100 man --warnings --local-file "$page" 2>&1 >/dev/null | tee "$work/man"
  [[ ! -s "$work/man" ]]
  mandoc -T lint -W warning "$page" | tee "$work/mandoc"
  [[ ! -s "$work/mandoc" ]]
}

lint_rpm() { rpmlint --config packaging/linux/rpm/rpmlint.toml "$1" | tee "$work/rpmlint"; ! grep -q ': E: ' "$work/rpmlint"; }

check "checksums" env --chdir="$packages" sha256sum --check --quiet SHA256SUMS
for package in "${deb[0]}" "${replay_deb[0]}"; do check "lintian ${package##*/}" lintian --fail-on error --allow-root "$package"; done
for package in "${rpm[0]}" "${replay_rpm[0]}"; do
  check "rpmlint ${package##*/}" lint_rpm "$package"
  check "${package##*/}: dependencies exist on Enterprise Linux 9" rpm_dependencies "$package"
done
for program in understudy-agent understudy-replay; do
  check "$program: manual page" manual_is_sound "$program"
  check "$program: .tar.gz has every file" archive_has_all "$program"
done
check "understudy-replay .deb: install, inspect, purge" replay_deb_life_cycle
check "understudy-replay .rpm: install, inspect, remove" replay_rpm_life_cycle
check "understudy-replay: libpq 13 has what it calls" replay_of_old_libpq
check ".deb: install, upgrade, downgrade, remove, purge" deb_life_cycle
check ".deb: a disabled service stays disabled" deb_keeps_disabled
check "the service's condition" condition
check "the unit, verified, exposure at most 2.0" unit_is_sound
check "the README's command" readme_command
check "the service under a real systemd" under_systemd
check ".rpm: install, upgrade, downgrade, remove" rpm_life_cycle
check ".nupkg, its scripts, .zip, signatures" windows_packages package
check ".msi under Wine: install, /health, restart, removal" windows_packages msi
if command -v go >/dev/null; then check "helm lint" helm_chart_is_sound; else echo "left out: helm lint, which needs Go"; fi
check "Kubernetes manifests" manifests_are_sound

echo
echo "$passed passed, $failed failed"
((failed == 0))
