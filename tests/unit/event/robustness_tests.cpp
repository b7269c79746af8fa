#include "classify.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

// Bytes that a hostile or broken peer may send. Under AddressSanitizer these find reads beyond the buffers.

namespace pbxbridge::event {
namespace {

constexpr std::string_view event =
    R"({"event_type":"queue_caller_status","tenant_id":"71","queue_id":123456789012345678901234,"n":-1.5e10,)"
    R"("updated_callers":[{"name":"Zo\u00eb \ud83d\ude00","timestamp":"1764000110","ok":true,"none":null}]})";

void expect_that_it_flows_on(const std::string& payload) {
  const auto classified = classify(payload);
  ASSERT_EQ(classified.event->payload(), payload);
  ASSERT_LE(classified.event->event_type().size(), 256U);
  ASSERT_LE(classified.event->tenant().size(), 256U);
  ASSERT_LE(classified.event->entity().size(), 256U);
}

TEST(AnyBytes, FlowOn) {
  std::mt19937 random(20'240'601);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload(random() % 200, '\0');
    for (auto& byte : payload) byte = static_cast<char>(random());
    expect_that_it_flows_on(payload);
  }
}

TEST(AnyMixOfJsonTokens, FlowsOn) {
  static constexpr std::string_view tokens[] = {"{",
                                                "}",
                                                "[",
                                                "]",
                                                ":",
                                                ",",
                                                "\"",
                                                "\\",
                                                "\\u",
                                                "\\ud800",
                                                "\\udc00",
                                                "true",
                                                "null",
                                                "-",
                                                "1e999",
                                                "0",
                                                " ",
                                                "\n",
                                                "\t",
                                                "\xeb",
                                                "\xc3\xab",
                                                "\xef\xbb\xbf",
                                                "\"a\"",
                                                "\"event_type\":",
                                                "\"status\":",
                                                "\"extension_status\"",
                                                "12345678901234567890123"};
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload = round % 2 == 0 ? "{\"event_type\":" : "";
    for (auto count = random() % 40; count > 0; --count) payload += tokens[random() % std::size(tokens)];
    expect_that_it_flows_on(payload);
  }
}

TEST(AnyDamagedEvent, FlowsOn) {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload(event);
    for (auto count = 1 + random() % 3; count > 0; --count)
      payload[random() % payload.size()] = static_cast<char>(random());
    expect_that_it_flows_on(payload);
  }
}

TEST(AnyCutEvent, FlowsOn) {
  for (std::size_t size = 0; size <= event.size(); ++size) {
    expect_that_it_flows_on(std::string(event.substr(0, size)));
    expect_that_it_flows_on(std::string(event.substr(size)));
  }
}

}  // namespace
}  // namespace pbxbridge::event
