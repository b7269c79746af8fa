#include "sink/conformance.hpp"

#include "pbxbridge/config/document.hpp"
#include "pbxbridge/event.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {

using namespace std::chrono_literals;
using testing::SizeIs;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto slack = 2s;  // for a loaded machine

[[noreturn]] void missing(const char* capability) {
  throw std::logic_error(std::string("this harness is instantiated for a suite that needs ") + capability);
}

std::string key_of(const Delivery& delivery) { return delivery.topic + "|" + delivery.key; }

using ByKey = std::map<std::string, std::vector<std::string>>;

/// Payloads by topic and key, in order; the key is read from what was sent under the same payload.
ByKey by_key(const std::vector<Delivery>& deliveries) {
  ByKey payloads;
  for (const auto& delivery : deliveries) payloads[key_of(delivery)].emplace_back(delivery.event->payload());
  return payloads;
}

ByKey by_key(const std::vector<Arrived>& arrived, const std::vector<Delivery>& deliveries) {
  std::map<std::string, const Delivery*> sent;
  for (const auto& delivery : deliveries) sent.emplace(delivery.event->payload(), &delivery);
  ByKey payloads;
  for (const auto& one : arrived) {
    const auto found = sent.find(one.payload);
    if (found == sent.end()) {
      ADD_FAILURE() << "arrived, but was never sent: " << one.payload;
      continue;
    }
    const auto& delivery = *found->second;
    EXPECT_EQ(one.topic.value_or(delivery.topic), delivery.topic);
    EXPECT_EQ(one.key.value_or(delivery.key), delivery.key);
    payloads[key_of(delivery)].push_back(one.payload);
  }
  return payloads;
}

/// Says of one key where they differ; all would be too many to read.
void expect_equal(const ByKey& arrived, const ByKey& sent) {
  if (arrived == sent) return;
  for (const auto& [key, payloads] : arrived) EXPECT_TRUE(sent.contains(key)) << "nothing was sent to " << key;
  std::size_t different = 0;
  std::string first;
  for (const auto& [key, payloads] : sent) {
    const auto found = arrived.find(key);
    const auto others = found == arrived.end() ? std::vector<std::string>() : found->second;
    if (payloads == others || ++different > 1) continue;
    const auto [expected, actual] = std::ranges::mismatch(payloads, others);
    first = key + ": " + std::to_string(others.size()) + " arrived of " + std::to_string(payloads.size()) +
            "; the first that differs is " + (actual == others.end() ? "missing" : actual->substr(0, 200)) +
            " in place of " + (expected == payloads.end() ? "none" : expected->substr(0, 200));
  }
  ADD_FAILURE() << different << " of " << sent.size() << " keys differ, the first is " << first;
}

/// Each payload's first arrival.
std::vector<Arrived> without_repeats(std::vector<Arrived> arrived) {
  std::set<std::string> seen;
  std::erase_if(arrived, [&](const Arrived& one) { return !seen.insert(one.payload).second; });
  return arrived;
}

EventPtr make_event(std::uint64_t sequence, std::string_view payload, bool is_removal = false) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "queue_status";
  attributes.family = Family::queue;
  attributes.payload_kind = payload.empty() ? PayloadKind::not_json : PayloadKind::json_object;
  attributes.received_at = std::chrono::system_clock::now();
  attributes.is_removal = is_removal;
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{sequence}, *SpoolId::from_text("0123456789abcdef"));
  return event;
}

}  // namespace

std::shared_ptr<const SinkSettings> settings_of(const SinkType& type, std::string_view yaml) {
  static std::set<const SinkType*> ready;
  if (type.before_threads != nullptr && ready.insert(&type).second) type.before_threads();
  config::Report report;
  const auto document = config::parse_document(yaml, report);
  auto settings = document ? type.read(*document, report) : nullptr;
  for (const auto& problem : report.problems())
    if (!problem.warning) throw std::invalid_argument(problem.text);
  return settings;
}

Delivery with_payload(Delivery delivery, std::string_view payload) {
  delivery.event = make_event(delivery.event->sequence().value, payload);
  return delivery;
}

Delivery as_removal(Delivery delivery) {
  delivery.event = make_event(delivery.event->sequence().value, delivery.event->payload(), true);
  return delivery;
}

void SinkHarness::take_far_side_down() { missing("take_far_side_down"); }
std::string SinkHarness::far_side_name() { missing("far_side_name"); }
void SinkHarness::restart_far_side() { missing("restart_far_side"); }
void SinkHarness::freeze() { missing("freeze"); }
void SinkHarness::thaw() { missing("thaw"); }
void SinkHarness::reject_for_now() { missing("reject_for_now"); }
void SinkHarness::take_again() { missing("take_again"); }
Delivery SinkHarness::make_rejectable(Delivery) { missing("make_rejectable"); }

ConformanceTest::ConformanceTest() : harness_(GetParam().make()) {}
ConformanceTest::~ConformanceTest() {
  destroy();
  harness_.reset();  // it may have a far side in the loop
}

void ConformanceTest::make_sink() { sink_ = harness_->make_sink({"conformance", loop_.executor(), observer_}); }

void ConformanceTest::connect() {
  make_sink();
  sink_->connect();
  ASSERT_TRUE(loop_.run_until([&] { return !observer_.connections.empty() || !observer_.losses.empty(); }));
  ASSERT_THAT(observer_.losses, SizeIs(0)) << observer_.losses.front().text;
}

Delivery ConformanceTest::delivery(const std::string& key, std::uint64_t number) {
  const auto topics = harness_->topics();
  Delivery delivery;
  delivery.token = ++last_token_;
  delivery.topic = topics[number % topics.size()];
  delivery.key = key;
  delivery.event = make_event(last_token_, "{\"event_type\":\"queue_status\",\"queue_number\":\"" + key +
                                               "\",\"n\":" + std::to_string(number) + "}");
  return delivery;
}

std::vector<Delivery> ConformanceTest::deliveries(std::size_t count, std::size_t keys) {
  std::vector<Delivery> deliveries;
  deliveries.reserve(count);
  for (std::size_t n = 0; n < count; ++n) deliveries.push_back(delivery("80" + std::to_string(n % keys), n));
  return deliveries;
}

bool ConformanceTest::deliver(const Delivery& delivery) {
  const bool taken = observer_.deliver(*sink_, delivery);
  sink_->flush();
  return taken;
}

std::size_t ConformanceTest::deliver_what_fits(const std::vector<Delivery>& deliveries) {
  std::size_t taken = 0;
  while (taken < deliveries.size() && observer_.deliver(*sink_, deliveries[taken])) ++taken;
  sink_->flush();
  return taken;
}

void ConformanceTest::deliver_all(const std::vector<Delivery>& deliveries) {
  std::size_t taken = 0;
  const bool done = loop_.run_until(
      [&] {
        if (!observer_.losses.empty()) return true;
        const std::size_t before = taken;
        while (taken < deliveries.size() && observer_.in_flight() < sink_->window() &&
               observer_.deliver(*sink_, deliveries[taken]))
          ++taken;
        if (taken != before) sink_->flush();
        return taken == deliveries.size() && observer_.in_flight() == 0;
      },
      60s);
  ASSERT_THAT(observer_.losses, SizeIs(0)) << observer_.losses.front().text;
  ASSERT_TRUE(done) << taken << " of " << deliveries.size() << " were taken, " << observer_.in_flight()
                    << " wait for their outcome";
}

bool ConformanceTest::wait_for_outcomes() {
  return loop_.run_until([&] { return observer_.in_flight() == 0; }, 60s);
}

std::optional<std::chrono::milliseconds> ConformanceTest::close(std::chrono::milliseconds timeout) {
  const auto begin = Clock::now();
  int closed = 0;
  sink_->close(timeout, [&] {
    ++closed;
    observer_.end();
  });
  if (!loop_.run_until([&] { return closed > 0; }, timeout + slack)) {
    destroy();
    return std::nullopt;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  destroy();
  loop_.run_for(50ms);
  EXPECT_EQ(closed, 1) << "closed is called once";
  return took;
}

void ConformanceTest::destroy() {
  sink_.reset();
  observer_.end();
}

void ConformanceTest::expect_arrived_in_order(const std::vector<Delivery>& deliveries) {
  expect_equal(by_key(harness_->arrived(), deliveries), by_key(deliveries));
}

void ConformanceTest::expect_arrived_at_least_once(const std::vector<Delivery>& deliveries) {
  expect_equal(by_key(without_repeats(harness_->arrived()), deliveries), by_key(deliveries));
}

void ConformanceTest::expect_outcomes(const std::vector<Delivery>& deliveries, Outcome::Kind kind) {
  for (const auto& delivery : deliveries) {
    const auto found = observer_.outcomes.find(delivery.token);
    ASSERT_NE(found, observer_.outcomes.end()) << "no outcome for token " << delivery.token;
    EXPECT_EQ(found->second.kind, kind) << found->second.reason;
  }
}

}  // namespace pbxbridge::test
