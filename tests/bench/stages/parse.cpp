// Stage from a message to an event: its attributes, its hash, its place in memory.

#include "event/classifier.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"

namespace pbxbridge::bench {
namespace {

void parse(benchmark::State& state) {
  event::Classifier classifier;
  const auto& payloads = sample_payloads();
  for (auto _ : state)
    for (const auto& payload : payloads) benchmark::DoNotOptimize(classifier.classify(payload, "hq", SystemTime(), 1));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered = register_stage("parse", parse);

}  // namespace
}  // namespace pbxbridge::bench
