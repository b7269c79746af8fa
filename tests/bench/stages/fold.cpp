// Stage from the events of a commit to what follows from them: rows of state, and documents where they have changed.
// The events are made, too, for the fold reads on in the payload that was parsed for each.

#include "derive/state/fold.hpp"

#include "event/classifier.hpp"
#include "event/json_document.hpp"
#include "pbxbridge/event.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"

#include <vector>

namespace pbxbridge::bench {
namespace {

void fold(benchmark::State& state) {
  using namespace derive::state;
  event::Classifier classifier;
  StateMetrics metrics;
  Fold fold({}, WantedDocuments().set(), metrics);
  const auto& payloads = sample_payloads();
  std::size_t derived = 0;
  std::vector<NewEventPtr> causes;
  for (auto _ : state) {
    causes.clear();
    for (const auto& payload : payloads) {
      causes.push_back(classifier.classify(payload, "hq", SystemTime(), 1).event);
      fold.fold(*causes.back(), classifier.document());
    }
    derived += fold.derive().events.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
  state.counters["documents an event"] =
      static_cast<double>(derived) / static_cast<double>(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered = register_stage("fold", fold);

}  // namespace
}  // namespace pbxbridge::bench
