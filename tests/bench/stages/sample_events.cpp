#include "stages/sample_events.hpp"

#include "event/classifier.hpp"
#include "pbxbridge/event.hpp"
#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"

#include <chrono>

namespace pbxbridge::bench {

namespace {

constexpr std::int64_t now = 1'764'000'000;
constexpr SpoolId spool_id{0x0123456789abcdef};

std::vector<std::string> make_payloads() {
  const auto installation = sim::default_installation();
  sim::World world(installation.tenants);
  sim::Model model(world, 1, sim::time_of_seconds(now), sim::Dialect::v22);
  std::vector<std::string> payloads;
  while (payloads.size() < sample_size) payloads.push_back(model.next()->text);
  return payloads;
}

}  // namespace

const std::vector<std::string>& sample_payloads() {
  static const auto payloads = make_payloads();
  return payloads;
}

std::vector<NewEventPtr> sample_events(Sequence first) {
  event::Classifier classifier;
  std::vector<NewEventPtr> events;
  for (const auto& payload : sample_payloads()) {
    events.push_back(classifier.classify(payload, "hq", SystemTime(std::chrono::seconds(now)), 1).event);
    events.back()->accept(first, spool_id);
    first = first.next();
  }
  return events;
}

}  // namespace pbxbridge::bench
