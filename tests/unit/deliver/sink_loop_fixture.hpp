#pragma once

#include "config/config.hpp"
#include "deliver/sink_loop.hpp"
#include "metrics/metrics.hpp"
#include "spool/memory_spool.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::deliver {

/// Far side of all the fake's connections: what it has seen, and how it behaves.
struct FarSide {
  int connections = 0;
  bool reject = false;  // connections fail
  std::size_t window = 100;
  std::size_t largest_payload = 1'000'000;
  std::vector<std::size_t> flushed_at;  // how many it had got
  std::size_t room = 1000;              // deliveries taken before `deliver` says no
  std::vector<std::string> got;         // payloads, in order
  std::vector<bool> redelivered;
  std::deque<std::uint64_t> tokens;  // tokens of deliveries not yet acknowledged
  SinkObserver* observer = nullptr;
  bool closed = false;
  bool never_closes = false;

  void confirm_all() {
    while (!tokens.empty()) confirm(Outcome::delivered());
  }
  void confirm(Outcome outcome) {
    const auto token = tokens.front();
    tokens.pop_front();
    observer->outcome(token, std::move(outcome));
  }
  void lose(const std::string& reason = "the far side went away") {
    tokens.clear();
    observer->connection_lost({ErrorCategory::network, reason});
  }
};

class FakeSink final : public Sink {
 public:
  FakeSink(FarSide& far_side, SinkObserver& observer) : far_side_(far_side), observer_(observer) {}
  void connect() override {
    far_side_.observer = &observer_;
    ++far_side_.connections;
    if (far_side_.reject)
      observer_.connection_lost({ErrorCategory::network, "connection refused"});
    else
      observer_.connected("fake");
  }
  bool deliver(const Delivery& delivery) override {
    if (far_side_.room == 0) return false;
    --far_side_.room;
    far_side_.got.emplace_back(delivery.event->payload());
    far_side_.redelivered.push_back(delivery.redelivery);
    far_side_.tokens.push_back(delivery.token);
    return true;
  }
  void close(std::chrono::milliseconds, std::function<void()> closed) override {
    far_side_.closed = true;
    if (!far_side_.never_closes) closed();
  }
  void flush() override { far_side_.flushed_at.push_back(far_side_.got.size()); }
  std::size_t window() const override { return far_side_.window; }
  std::size_t largest_payload() const override { return far_side_.largest_payload; }

 private:
  FarSide& far_side_;
  SinkObserver& observer_;
};

/// Remembers what a spool on disk does over a restart.
class RecordingSpool final : public spool::MemorySpool {
 public:
  using spool::MemorySpool::MemorySpool;
  void remember_deferred(spool::CursorId, spool::DeferredDeliveries deferred) override {
    said.push_back(std::move(deferred));
  }
  spool::DeferredDeliveries deferred(spool::CursorId) const override { return before; }

  std::vector<spool::DeferredDeliveries> said;
  spool::DeferredDeliveries before;
};

/// One loop with a fake sink and a spool in memory.
class SinkLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.reconnect = {std::chrono::milliseconds(1), std::chrono::milliseconds(2)};
    config_.retry = {std::chrono::milliseconds(1), std::chrono::milliseconds(2)};
    router_ = router_with_key("");
  }

  static std::shared_ptr<const route::Router> router_with_key(const std::string& key) { return router_to({"t"}, key); }
  static std::shared_ptr<const route::Router> router_to(const std::vector<std::string>& topics,
                                                        const std::string& key) {
    config::Config config;
    config::SinkConfig fake;
    fake.type = "fake";
    config.sinks.emplace("lake", fake);
    config::RouteConfig route;
    for (const std::string& topic : topics) {
      config::DestinationConfig destination;
      destination.sink.value = "lake";
      destination.topic.value = topic;
      destination.key.value = key;
      route.to.push_back(destination);
    }
    config.routes.push_back(route);
    static const SinkType types[] = {{.name = "fake"}};
    config::Report report;
    auto router = route::Router::compile(config, types, report);
    EXPECT_FALSE(report.has_errors());
    return router;
  }

  SinkLoop& start() {
    loop_ = std::make_unique<SinkLoop>(
        io_, "lake", config_,
        [this](SinkContext context) { return std::make_unique<FakeSink>(far_side_, context.observer); }, spool_,
        nullptr, router_, log_, metrics_.sink("lake"), watch_);
    spool_.set_on_readable([this] { loop_->wake(); });
    loop_->start();
    run();
    return *loop_;
  }
  void append_only(const std::string& payload) {
    auto event = Event::make(payload, EventAttributes{.pbx = "hq"});
    ASSERT_FALSE(spool_.append(event));
  }
  void append(const std::string& payload) {
    append_only(payload);
    run();
  }
  /// Runs what is ready.
  void run() {
    io_.restart();
    io_.poll();
  }
  /// Runs, timers too, until the condition holds.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(10));
    }
    return condition();
  }

  boost::asio::io_context io_;
  config::SinkConfig config_;
  RecordingSpool spool_{1 << 26};
  std::shared_ptr<const route::Router> router_;
  std::vector<std::string> lines_;
  observe::Log log_{observe::LogFormat::text, [this](const std::string& line) { lines_.push_back(line); }};
  metrics::Metrics metrics_;
  OutcomeWatch watch_;
  FarSide far_side_;
  std::unique_ptr<SinkLoop> loop_;
};

}  // namespace pbxbridge::deliver
