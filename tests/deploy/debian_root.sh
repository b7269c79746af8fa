#!/usr/bin/env bash
# Sourced by the tests that install the package on a minimal Debian 12, as root: $root, below the temporary directory $work.

work=$(mktemp -d) root=$work/root

# next_package BUILD: the package of this build tree with a higher revision, for an upgrade; prints its path.
next_package() {
  cpack --config "$1/CPackConfig.cmake" -G DEB -B "$work/packages" -D CPACK_DEBIAN_PACKAGE_RELEASE=2 >"$work/cpack.log" ||
    { cat "$work/cpack.log" >&2; fail "cpack"; }
  ls "$work"/packages/*-2_*.deb
}

# make_root TAR: with this machine's names and package mirrors, and with devices and processes for those who enter it.
make_root() {
  scripts/unpack-debian "$1" "$root"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  mount --rbind /dev "$root/dev"
  mount --make-rslave "$root/dev"
  mount -t proc proc "$root/proc"
}

enter_root=(chroot "$root" /usr/bin/env -i DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin)
in_root() { "${enter_root[@]}" "$@"; }

# install_in_root PACKAGE...: what apt says is in $work/apt.log.
install_in_root() {
  in_root apt-get -q update >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get update"; }
  in_root apt-get -qy install --no-install-recommends "$@" >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get install $*"; }
}

# Takes back the mounts of make_root.
leave_root() {
  local mount
  for mount in proc dev; do if mountpoint -q "$root/$mount"; then umount -l "$root/$mount"; fi; done
}

remove_root() {
  leave_root
  rm -rf --one-file-system "$work"
}
