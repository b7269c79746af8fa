// Stage from events to the bytes of a batch on disk.

#include "spool/log/record.hpp"

#include "pbxbridge/event.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"

namespace pbxbridge::bench {
namespace {

void record(benchmark::State& state) {
  const auto made = sample_events();
  const std::vector<EventPtr> events(made.begin(), made.end());
  for (auto _ : state) benchmark::DoNotOptimize(spool::encode_batch(events));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered = register_stage("record", record);

}  // namespace
}  // namespace pbxbridge::bench
