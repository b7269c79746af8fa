# ./dev test --deploy: the Debian package and the image where they are to run.

debian_base=.cache/debian-12.tar
deploy_tools=.cache/deploy

test_deployment() {
  make_debian_package
  build release pbxbridge-sim
  need "${deploy_packages[@]}"
  become_root debootstrap
  make_debian_base
  step "Testing the Debian package" test-package as_root \
    tests/deploy/package_test.sh build/release "$debian_base" "$(newest_debian_package)"
  say "  $(tail -n 1 "$log_directory/test-package.log")"
  step "Testing the service" test-service as_root \
    tests/deploy/service_test.sh build/release "$debian_base" "$(newest_debian_package)"
  say "  $(tail -n 1 "$log_directory/test-service.log")"
  build_deploy_tools
  test_kubernetes
  test_images
}

test_images() {
  if ! find_engine; then
    say "No container engine answers, and none can be started here (dockerd, as root): neither the image nor docker-compose.yml was tried."
    return
  fi
  need "${kafka_packages[@]}"
  fetch_kafka
  build_twice build_test_images
  step "Testing the image" test-image tests/deploy/image_test.sh
  say "  $(tail -n 1 "$log_directory/test-image.log")"
  test_compose docker-compose
  if [[ -x $deploy_tools/compose ]]; then test_compose "$deploy_tools/compose"; fi
}

test_compose() {
  step "Testing docker-compose.yml ($1)" "test-compose-${1##*/}" tests/deploy/compose_test.sh "$1"
  say "  $(tail -n 1 "$log_directory/test-compose-${1##*/}.log")"
}

# Compose v2 and Helm, which Debian 12 lacks: Go modules, whose checksums go.sum has.
build_deploy_tools() {
  build_deploy_tool compose github.com/docker/compose/v2/cmd
  build_deploy_tool helm helm.sh/helm/v3/cmd/helm
}

build_deploy_tool() {
  local tool=$1 package=$2 source=tests/deploy/tools/$1
  if ! go -C "$source" list -m >/dev/null 2>&1; then
    say "There is no Go as new as $source/go.mod asks for, and so $tool is not tried."
  elif ! newer_than "$source/go.sum" "$deploy_tools/$tool"; then
    step "Building $tool" "build-$tool" three_times go -C "$source" build -o "$PWD/$deploy_tools/$tool" "$package"
  fi
}

test_kubernetes() {
  make_python_environment
  step "Testing what is for Kubernetes" test-kubernetes \
    $python_environment/bin/python3 -B tests/deploy/kubernetes_tests.py build/release/pbxbridge
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
