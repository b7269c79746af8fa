# Downloads of ./dev from registries other than Debian's.

# three_times COMMAND...: a registry that is busy, or a connection that breaks, is no reason to give up.
three_times() {
  local attempt
  for attempt in 1 2; do
    "$@" && return
    say "Attempt $attempt of 3 failed."
    sleep $((attempt * 5))
  done
  "$@"
}

# fetch_jars TITLE POM DIRECTORY: the jars of a Java program from Maven, in the versions that the POM names; Maven compares
# their checksums.
fetch_jars() {
  local title=$1 pom=$2 directory=$3
  newer_than "$pom" "$directory/.complete" && return
  rm -rf "$directory"
  step "Fetching $title" "fetch-${directory##*/}" three_times mvn -B -ntp -q --strict-checksums -f "$pom" \
    dependency:copy-dependencies "-DoutputDirectory=$PWD/$directory"
  touch "$directory/.complete"
}
