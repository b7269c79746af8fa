# ./dev test --deploy: the Debian package and the image where they are to run.

debian_base=.cache/debian-12.tar

test_deployment() {
  make_debian_package
  build release pbxbridge-sim
  need "${deploy_packages[@]}"
  become_root debootstrap
  make_debian_base
  step "Testing the Debian package" test-package as_root tests/deploy/package_test.sh build/release "$debian_base"
  say "  $(tail -n 1 "$log_directory/test-package.log")"
}

# A minimal Debian 12, from which chroots and images are made.
make_debian_base() {
  [[ -e $debian_base ]] && return
  local mirror
  mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* | head -n 1 | tr -d ' ')
  mkdir -p .cache
  step "Making a minimal Debian 12" debian-base as_root debootstrap --variant=minbase bookworm "$PWD/.cache/debian-12" "${mirror:-http://deb.debian.org/debian}"
  step "Packing it" debian-base-tar as_root tar -cf "$debian_base.new" -C .cache/debian-12 .
  as_root rm -rf --one-file-system .cache/debian-12
  mv "$debian_base.new" "$debian_base"
}
