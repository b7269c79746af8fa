# The container image, and an engine to build and try it: the one that runs here, else one of our own while ./dev runs.

engine_directory=''

# A client without buildx lacks BuildKit, which alone leaves out the stages that are not needed. That of Debian's docker.io has it within.
choose_client() {
  if [[ -x /usr/bin/docker ]] && ! docker buildx version >/dev/null 2>&1; then PATH=/usr/bin:$PATH; fi
}

# Sets DOCKER_HOST to an engine that answers; false where none does and none can be started.
find_engine() {
  choose_client
  if docker info >/dev/null 2>&1; then return; fi
  if ((EUID != 0)) || ! command -v dockerd >/dev/null; then return 1; fi
  engine_directory=$(mktemp -d)
  export DOCKER_HOST=unix://$engine_directory/docker.sock
  dockerd --storage-driver=vfs --host "$DOCKER_HOST" --bridge=none --iptables=false --data-root "$engine_directory/data" \
    --exec-root "$engine_directory/exec" --pidfile "$engine_directory/pid" >"$log_directory/engine.log" 2>&1 &
  trap stop_engine EXIT
  local try
  for ((try = 0; try < 300; try++)); do
    if docker info >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  return 1
}

stop_engine() {
  [[ -n $engine_directory && -e $engine_directory/pid ]] || return 0
  kill "$(<"$engine_directory/pid")"
  wait
  # The name of the host's network, which dockerd leaves mounted.
  if mountpoint -q "$engine_directory/exec/netns/default"; then umount "$engine_directory/exec/netns/default"; fi
  rm -rf --one-file-system "$engine_directory"
}

# Builds the images from the sources, all in containers. Those of an engine that ends with ./dev are kept as a file.
make_image() {
  prepare_engine
  build_image pbxbridge
  build_image simulator
  show_image_parts
  if [[ $engine_directory ]]; then
    mkdir -p "$packages_directory"
    step "Saving the images" save-images docker save --output "$packages_directory/pbxbridge-images.tar" pbxbridge pbxbridge-sim
    say "  docker load --input $packages_directory/pbxbridge-images.tar"
  fi
}

prepare_engine() {
  find_engine || fail "no container engine answers, and none can be started here: the image is not built"
  have_debian debian:12
  have_debian debian:12-slim
}

# build_twice COMMAND...: builds the image with it twice, each time from nothing. Both must have the same files.
build_twice() {
  local first
  "$@" --no-cache
  first=$(image_layers)
  [[ $first ]] || fail "the image has no layers that could be compared"
  "$@" --no-cache
  [[ $(image_layers) == "$first" ]] || fail "two builds of the image have given different files: $first and $(image_layers)"
  say "  two builds have given the same files: $first"
}

# Prints the size of each part from half a megabyte on, and that of all.
show_image_parts() {
  local container
  container=$(docker create pbxbridge)
  docker export "$container" | tar -tv | awk '
    { part = match($6, "^(usr/share/[^/]+|etc/ssl)") ? substr($6, 1, RLENGTH) : $6; bytes[part] += $3; all += $3 }
    END { for (part in bytes) if (bytes[part] >= 500000) print "  " bytes[part], part; print "  " all, "bytes in all" }' | sort -n
  docker rm "$container" >/dev/null
}

image_layers() { docker image inspect --format '{{.RootFS.Layers}}' pbxbridge; }

# build_image TARGET [ARGUMENT...]
build_image() {
  local target=$1 image=pbxbridge
  shift
  if [[ $target == simulator ]]; then image=pbxbridge-sim; fi
  step "Building the image $image" "image-$image" env DOCKER_BUILDKIT=1 docker build --progress plain --network host \
    --file deploy/docker/Dockerfile --target "$target" --tag "$image" \
    --build-arg "VERSION=$(program_version)" --build-arg "COMMIT=$(git rev-parse HEAD 2>/dev/null)" \
    --build-arg "SOURCE_DATE_EPOCH=$(source_time)" --build-arg "CREATED=$(date --utc --date="@$(source_time)" +%Y-%m-%dT%H:%M:%SZ)" \
    "$@" .
}

program_version() { sed -nE 's/^project\(pbxbridge VERSION ([0-9.]+).*/\1/p' CMakeLists.txt; }

# The images as they are built from Debian, but with the programs of build/release: minutes less.
# Arguments are for docker build.
build_test_images() {
  local directory=$log_directory/image-programs
  rm -rf "$directory"
  mkdir -p "$directory/out"
  install -s build/release/pbxbridge build/release/pbxbridge-sim "$directory/out/"
  tar -C "$directory" -c out | docker import - pbxbridge-programs >/dev/null || fail "docker import fails"
  have_debian debian:12-slim
  build_image simulator --build-arg PROGRAMS=pbxbridge-programs "$@"
  build_image pbxbridge --build-arg PROGRAMS=pbxbridge-programs "$@"
}

# have_debian IMAGE: from its registry; where that is not reached, as debootstrap makes it.
have_debian() {
  local root=.cache/debian-12-image
  if docker image inspect "$1" >/dev/null 2>&1 || docker pull -q "$1" >/dev/null 2>&1; then return; fi
  say "  $1 cannot be pulled; it is made by debootstrap"
  need debootstrap
  make_debian_base
  as_root rm -rf --one-file-system "$root"
  as_root scripts/unpack-debian "$debian_base" "$root"
  as_root tar -C "$root" -c . | docker import - "$1" >/dev/null
  as_root rm -rf --one-file-system "$root"
}
