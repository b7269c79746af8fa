# ./dev package: the Debian package, and the image where an engine runs.

packages_directory=build/release/packages

dev_package() {
  local part
  for part in "${@:-deb}"; do
    case $part in
      deb) make_debian_package ;;
      image) make_image ;;
      *) fail "./dev package makes deb and image, no '$part'" ;;
    esac
  done
}

# The same sources give the same package: its times are those of the commit.
make_debian_package() {
  export SOURCE_DATE_EPOCH PBXBRIDGE_CHANGELOG_DATE
  SOURCE_DATE_EPOCH=$(source_time)
  PBXBRIDGE_CHANGELOG_DATE=$(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" -R)
  need "${build_packages[@]}" "${package_packages[@]}"
  configure release
  step "Configuring the package" configure-package cmake build/release
  build release pbxbridge pbxbridge_debian
  step "Making the Debian package" package cpack --config build/release/CPackConfig.cmake -G DEB -B "$packages_directory"
  local file
  file=$(newest_debian_package)
  lintian --allow-root --fail-on error "$file" || fail "lintian finds errors in $file"
  say "$file: $(stat -c %s "$file") bytes; apt install ./$file"
}

newest_debian_package() { ls -t "$packages_directory"/*.deb | head -n 1; }

# Seconds since 1970 of the commit; of the changelog where there is no git.
source_time() { git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md; }
