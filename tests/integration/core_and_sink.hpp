#pragma once

#include "config/load.hpp"
#include "deliver/sink_loop.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/sink_type.hpp"
#include "sink/kept_letters.hpp"
#include "spool/memory_spool.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// The core of one sink with a real sink and a real far side, in the test's own thread. A route sends each event to
/// `topic`, with a key where `key` is not empty.
class CoreAndSink {
 public:
  CoreAndSink(const SinkType& type, const std::string& settings, const std::string& topic, const std::string& key = {})
      : type_(type) {
    use_settings(settings);
    config::Report report;
    config::Config config;
    config::SinkConfig sink;
    sink.type = type.name;
    sink.settings = settings_;
    config.sinks.emplace("board", sink);
    config::DestinationConfig destination;
    destination.sink.value = "board";
    destination.topic.value = topic;
    destination.key.value = key;
    config::RouteConfig route;
    route.to.push_back(destination);
    config.routes.push_back(route);
    router_ = route::Router::compile(config, std::span(&type_, 1), report);
    EXPECT_FALSE(report.has_errors()) << config::format_problems(report, "route");
  }

  /// Called before `start`.
  void use_settings(const std::string& settings) {
    if (type_.before_threads != nullptr) type_.before_threads();
    config::Report report;
    const auto node = config::parse_document(settings, report);
    settings_ = type_.read(node.value(), report);
    EXPECT_FALSE(report.has_errors()) << config::format_problems(report, "settings");
  }

  void start() {
    loop_ = std::make_unique<deliver::SinkLoop>(
        io_, "board", config_, [this](SinkContext context) { return type_.make(*settings_, std::move(context)); },
        spool_, &letters_, router_, log_, metrics_.sink("board"), watch_);
    spool_.set_on_readable([this] { loop_->wake(); });
    loop_->start();
  }
  void append(const std::string& payload, const std::string& entity, const std::string& event_type = "call_start") {
    EventAttributes attributes{.pbx = "hq"};
    attributes.event_type = event_type;
    attributes.entity = entity;
    attributes.payload_kind = PayloadKind::json_object;
    attributes.received_at = std::chrono::system_clock::now();
    auto event = Event::make(payload, attributes);
    EXPECT_FALSE(spool_.append(event));
  }

  [[nodiscard]] bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
    }
    return condition();
  }
  void run_for(std::chrono::milliseconds time) {
    static_cast<void>(run_until([] { return false; }, time));
  }
  double delivered() {
    loop_->update_metrics();
    return metrics_.sink("board").events_delivered.value();
  }
  /// Nothing waits.
  bool done() { return spool_.stats().events == 0; }
  const std::vector<spool::DeadLetter>& letters() const { return letters_.letters; }
  std::vector<std::string> lines_with(const std::string& part) const {
    std::vector<std::string> found;
    std::ranges::copy_if(lines_, std::back_inserter(found),
                         [&part](const auto& line) { return line.find(part) != std::string::npos; });
    return found;
  }
  std::string lines() const {
    std::string all;
    for (const auto& line : lines_) all += line + "\n";
    return all;
  }
  boost::asio::any_io_executor executor() { return io_.get_executor(); }

 private:
  const SinkType& type_;
  std::shared_ptr<const SinkSettings> settings_;
  boost::asio::io_context io_;
  config::SinkConfig config_;  // the core's part, as where nothing is configured
  spool::MemorySpool spool_{1 << 28};
  KeptLetters letters_;
  std::shared_ptr<const route::Router> router_;
  std::vector<std::string> lines_;
  observe::Log log_{observe::LogFormat::text, [this](const std::string& line) { lines_.push_back(line); }};
  metrics::Metrics metrics_;
  deliver::OutcomeWatch watch_;
  std::unique_ptr<deliver::SinkLoop> loop_;
};

}  // namespace pbxbridge::test
