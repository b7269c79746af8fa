#pragma once

#include "config/load.hpp"
#include "event/classifier.hpp"
#include "route/router.hpp"
#include "sink/kafka/kafka_topic_rules.hpp"
#include "sink/mqtt/mqtt_topic_rules.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::route {

struct BoardOptions : DestinationOptions {
  std::optional<int> qos;
  bool retain = false;
  std::string content_type;

  static const config::Schema<BoardOptions>& schema() {
    static const auto schema = config::Schema<BoardOptions>("")
                                   .field("qos", &BoardOptions::qos)
                                   .field("retain", &BoardOptions::retain)
                                   .field("content_type", &BoardOptions::content_type);
    return schema;
  }
  static std::shared_ptr<DestinationOptions> read(const config::Node& node, const SinkSettings& settings,
                                                  const config::UnknownKeys& others, config::Report& report) {
    auto options = read_options<BoardOptions>(node, settings, others, report);
    if (!static_cast<const BoardOptions&>(*options).content_type.empty())
      report.error(node.location(), "no content type here");
    return options;
  }
};

struct NoSettings : SinkSettings {
  static const config::Schema<NoSettings>& schema() {
    static const config::Schema<NoSettings> schema("");
    return schema;
  }
};

/// Types of sinks that have settings of no kind and cannot be made: routes ask for names and topics only.
inline std::span<const SinkType> test_sink_types() {
  static constexpr auto read = [](const config::Node&, config::Report&) -> std::shared_ptr<const SinkSettings> {
    return std::make_shared<const NoSettings>();
  };
  static constexpr auto schema = &config::schema_of<NoSettings>;
  static const SinkType types[] = {
      {.name = "kafka", .topics = sink::kafka_topic_rules, .schema = schema, .read = read},
      {.name = "mqtt",
       .topics = sink::mqtt_topic_rules,
       .schema = schema,
       .read = read,
       .options_schema = &config::schema_of<BoardOptions>,
       .read_options = &BoardOptions::read},
      {.name = "file", .schema = schema, .read = read},
  };
  return types;
}

/// Routes below a fixed beginning of a configuration: PBXs hq and branch, sinks lake (kafka), board (mqtt), log (file).
struct Routes {
  config::Report report;
  std::shared_ptr<const Router> router;

  explicit Routes(std::string_view yaml) {
    const auto text = std::string(beginning) + std::string(yaml);
    auto loaded = config::load_config_text(text, test_sink_types());
    for (const auto& problem : loaded.report.problems())
      if (!problem.warning) ADD_FAILURE() << "the test's own configuration: " << problem.text << "\n" << yaml;
    router = Router::compile(loaded.config, test_sink_types(), report);
  }

  std::vector<Routed> to(std::string_view sink, const Event& event) const {
    std::vector<Routed> routed;
    Router::Scratch scratch;
    router->route(event, sink, scratch, routed);
    return routed;
  }
  bool take(const Event& event) const {
    Router::Scratch scratch;
    return router->takes(event, scratch);
  }

  /// `LINE:error: TEXT`, lines counted from the first of the routes.
  std::vector<std::string> problems() const {
    std::vector<std::string> lines;
    for (const auto& problem : report.problems())
      lines.push_back(std::to_string(problem.location.line - beginning_lines) +
                      (problem.warning ? ":warning: " : ":error: ") + problem.text);
    return lines;
  }

  static constexpr int beginning_lines = 7;
  static constexpr std::string_view beginning = R"(pbx:
  - { name: hq, url: "wss://pbx.example.test:8887/wsi", auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }
  - { name: branch, url: "wss://pbx.example.test:8887/wsi", auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }
sinks:
  lake: { type: kafka }
  board: { type: mqtt }
  log: { type: file }
)";
};

inline NewEventPtr event_of(std::string_view payload, std::string_view pbx = "hq") {
  event::Classifier classifier;
  return classifier.classify(payload, pbx, SystemTime{std::chrono::seconds{1'764'000'500}}, 1).event;
}

}  // namespace pbxbridge::route
