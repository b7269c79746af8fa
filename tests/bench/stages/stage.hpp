#pragma once

#include <benchmark/benchmark.h>
#include <cstdlib>

namespace pbxbridge::bench {

/// Registers a stage. With BENCH_ITERATIONS it runs just so often, so that instructions can be counted for each; else
/// as long as it takes to measure.
inline bool register_stage(const char* name, void (*run)(benchmark::State&)) {
  auto* stage = benchmark::RegisterBenchmark(name, run)->UseRealTime()->MeasureProcessCPUTime();
  if (const char* iterations = std::getenv("BENCH_ITERATIONS")) stage->Iterations(std::atol(iterations));
  return true;
}

}  // namespace pbxbridge::bench
