# Fuzzing: each target of tests/fuzz for so long, two at a time where there are two cores.

dev_fuzz() {
  local minutes=1 targets=() target known
  while (($# > 0)); do
    case $1 in
      --minutes)
        minutes=${2:-none}
        shift
        ;;
      -*) fail "fuzz knows --minutes N and names of targets, not '$1'" ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
  [[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "--minutes takes a whole number from 1, not '$minutes'"
  known=$(fuzz_target_names)
  for target in "${targets[@]}"; do
    grep -qx "$target" <<<"$known" || fail "there is no fuzz target '$target'; there are: ${known//$'\n'/, }"
  done
  if ((${#targets[@]} == 0)); then mapfile -t targets <<<"$known"; fi

  build fuzz "${targets[@]/%/_fuzz}"
  for target in "${targets[@]}"; do
    while (($(jobs -rp | wc -l) >= $(parallel_jobs))); do wait -n; done
    scripts/fuzz-target "$target" $((minutes * 60)) >"$log_directory/fuzz-$target.log" 2>&1 &
    say "  $target: $minutes min, $log_directory/fuzz-$target.log"
  done
  wait
  show_fuzzing "${targets[@]}"
}

fuzz_target_names() { find tests/fuzz -name '*_fuzz.cpp' -printf '%f\n' | sed 's/_fuzz\.cpp$//' | sort; }

# Prints what libFuzzer has reported for each target; fails where one was broken.
show_fuzzing() {
  local target log row executions total=0 failed=
  say "| Target | Executions | a second | Coverage: at first | in the end | Found |"
  say "| --- | ---: | ---: | ---: | ---: | --- |"
  for target in "$@"; do
    log=$log_directory/fuzz-$target.log
    executions=$(final_statistic number_of_executed_units "$log")
    total=$((total + executions))
    row="| $target | $executions | $(final_statistic average_exec_per_sec "$log")"
    row+=" | $(coverage INITED "$log") | $(coverage '' "$log")"
    say "$row | $(sed -n 's/.*Test unit written to //p' "$log" | paste -sd ' ') |"
    grep -q '^Done ' "$log" || failed+=" $target"
  done
  say "$total executions in all."
  [[ ! $failed ]] || fail "broken:$failed; the reproducer is its only argument: build/fuzz/TARGET_fuzz FILE"
}

final_statistic() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1 | grep . || say 0; }

coverage() { grep -oE "$1.* cov: [0-9]+" "$2" | grep -oE '[0-9]+$' | tail -n 1; }
