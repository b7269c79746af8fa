// Stage from an event to topic and key.

#include "config/load.hpp"
#include "pbxbridge/program.hpp"
#include "route/router.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"

#include <stdexcept>

namespace pbxbridge::bench {
namespace {

constexpr std::string_view configuration = R"(
pbx:
  - { name: hq, url: "wss://pbx.example.test:8887/wsi", auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }
sinks:
  lake: { type: kafka, brokers: ["127.0.0.1:9092"] }
routes:
  - match: { family: cdr }
    to: { sink: lake, topic: "pbx.cdr.v1", key: "{session_id}" }
  - match: { family: [extension, queue, extension_management, queue_management] }
    to: { sink: lake, topic: "pbx.{family}.v1", key: "{entity|all}" }
)";

void route(benchmark::State& state) {
  auto loaded = config::load_config_text(std::string(configuration), built_in_sink_types());
  const auto router = route::Router::compile(loaded.config, built_in_sink_types(), loaded.report);
  if (loaded.report.has_errors()) throw std::runtime_error("the configuration of this benchmark is wrong");
  const auto events = sample_events();
  route::Router::Scratch scratch;
  std::vector<route::Routed> routed;
  for (auto _ : state)
    for (const auto& event : events) {
      routed.clear();
      router->route(*event, "lake", scratch, routed);
      if (routed.size() != 1) state.SkipWithError("an event goes nowhere");
    }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered = register_stage("route", route);

}  // namespace
}  // namespace pbxbridge::bench
