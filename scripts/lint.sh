# Checks that a compiler does not make.

dev_lint() {
  local scope=changed preset=debug failed=
  if [[ ${1:-} == --all ]]; then scope=all preset=release; fi
  need "${build_packages[@]}" "${lint_packages[@]}"
  build "$preset" pbxbridge_commit  # makes the one header that is not in the repository, for clang-tidy
  lint_with "Formatting (clang-format)" check_format || failed=yes
  lint_with "Shell scripts (shellcheck)" shellcheck -x dev .ci/run scripts/apt-install scripts/fuzz-target scripts/unpack-debian tests/support/brokers/*/run.sh tests/examples/*.sh tests/deploy/*.sh tests/deploy/kafka/start tests/deploy/kafka/*.sh deploy/debian/p* deploy/docker/assemble-root || failed=yes
  # Compiles each source on its own, to find a missing include.
  if [[ $scope == all ]]; then lint_with "Includes (debug build)" build debug pbxbridge pbxbridge-sim || failed=yes; fi
  lint_with "clang-tidy, $scope files" check_tidy "$scope" "$preset" || failed=yes
  [[ ! $failed ]] || fail "lint found something; see above"
}

# lint_with TITLE COMMAND...: unlike a step, the run goes on after it, and what it says is shown whole.
lint_with() {
  local title=$1 started=$SECONDS said
  shift
  if said=$("$@" 2>&1); then
    say "  $title: $(elapsed "$started")"
  else
    printf '%s\n  %s: FAILED\n' "$said" "$title"
    return 1
  fi
}

source_files() { git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp'; }

check_format() {
  local wrong
  wrong=$(source_files | xargs -r clang-format --dry-run 2>&1 | grep -oE '^[^ :]+:[0-9]+:[0-9]+: warning' | cut -d : -f 1 | uniq)
  [[ ! $wrong ]] || { printf 'clang-format -i %s\n' "${wrong//$'\n'/ }" && return 1; }
}

# check_tidy changed|all PRESET: changed are the files that differ from the last commit, or, where none does, those of the last commit.
# Each of them is compiled on its own, which also finds an include that is missing. All are compiled several at a time.
check_tidy() {
  local changed
  if [[ $1 == all ]]; then
    compiled_units "build/$2" | run_tidy "build/$2"
  else
    changed=$(git diff --name-only --diff-filter=d HEAD -- 'src/*.cpp' 'simulator/*.cpp')
    [[ $changed ]] || changed=$(git diff --name-only --diff-filter=d HEAD~ HEAD -- 'src/*.cpp' 'simulator/*.cpp')
    printf '%s\n' "$changed" | run_tidy "build/$2"
  fi
}

run_tidy() { xargs -r -n 1 -P "$(parallel_jobs)" clang-tidy -p "$1" --quiet; }

# What the compiler is given for the programs' sources in src/ and simulator/; not those that the build itself writes.
compiled_units() {
  awk -F '"' '$2 == "command" { of_a_test = / -o tests\// } $2 == "file" && !of_a_test { print $4 }' "$1/compile_commands.json" |
    grep -E "^$PWD/((build/[^/]+/)?(src|simulator)/.*/Unity/|src/|simulator/)"
}
