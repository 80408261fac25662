# shellcheck shell=sh
# Shared by the scripts of the .deb and of the .rpm, into which scripts/package.sh copies it. Plain sh; asks nothing.

make_user() {
  getent group understudy >/dev/null || groupadd --system understudy
  getent passwd understudy >/dev/null ||
    useradd --system --gid understudy --home-dir /var/lib/understudy --no-create-home --shell /usr/sbin/nologin understudy
}

# Recordings are their owner's: only an empty folder goes, and the user only with it.
forget_user() {
  rmdir /var/lib/understudy 2>/dev/null || true
  if [ ! -e /var/lib/understudy ]; then
    if getent passwd understudy >/dev/null; then userdel understudy; fi
    if getent group understudy >/dev/null; then groupdel understudy; fi
  fi
}
