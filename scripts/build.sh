# Configuring and compiling.

# Paths below the repository are hashed relative to it, so that a second clone finds what the first one compiled.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=yes

# One job a core, and no more than memory allows: sources with Beast, several at a time, take up to 1.6 GiB.
parallel_jobs() {
  local cores available
  cores=$(nproc)
  available=$(awk '/^MemAvailable:/ { print int($2 / (1700 * 1024)) }' /proc/meminfo)
  if ((available < 1)); then say 1; elif ((available < cores)); then say "$available"; else say "$cores"; fi
}

# configure PRESET: once; from then on ninja itself notices a changed CMakeLists.txt.
configure() {
  [[ -e build/$1/build.ninja ]] || step "Configuring ($1)" "configure-$1" cmake --preset "$1"
}

# build PRESET TARGET...
build() {
  local preset=$1
  shift
  need "${build_packages[@]}"
  if [[ $preset == fuzz ]]; then need "${fuzz_packages[@]}"; fi
  configure "$preset"
  step "Building ($preset)" "build-$preset" ninja -C "build/$preset" -j "$(parallel_jobs)" "$@"
}

# newer_than SOURCE RESULT: whether the result stands and is newer than what it was made from.
newer_than() { [[ -e $2 && $2 -nt $1 ]]; }
