#include "explain/case_check.hpp"

#include "event/untidiness.hpp"
#include "explain/explanation_text.hpp"
#include "explain/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <variant>

namespace pbxbridge::explain {

namespace {

std::string in_quotes(std::string_view text) { return text.empty() ? "none" : fmt::format("\"{}\"", text); }

template <class Entries, class ToText>
std::optional<std::string> find(const Entries& entries, std::string_view name, ToText to_text) {
  const auto found = std::ranges::find_if(entries, [&](const auto& entry) { return entry.first == name; });
  if (found == entries.end()) return std::nullopt;
  return to_text(found->second);
}

std::string listed(const event::UntidinessSet& set) {
  const auto names = event::names_of(set);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

/// Gathers differences between texts.
class Comparison {
 public:
  explicit Comparison(std::string prefix) : prefix_(std::move(prefix)) {}

  void text(std::string_view what, const std::optional<std::string>& expected, std::string_view got) {
    if (expected && *expected != got) add(what, in_quotes(*expected), in_quotes(got));
  }
  template <class Choice>
  void choice(std::string_view what, const std::optional<Choice>& expected, Choice got) {
    if (expected && *expected != got) add(what, in_quotes(to_string(*expected)), in_quotes(to_string(got)));
  }
  void entry(const std::string& what, const std::string& expected, const std::optional<std::string>& got) {
    if (!got)
      add(what, in_quotes(expected), "none of that name");
    else
      text(what, expected, *got);
  }
  void add(std::string_view what, std::string expected, std::string got) {
    found_.push_back({prefix_ + std::string(what), std::move(expected), std::move(got)});
  }
  std::vector<Difference> found() && { return std::move(found_); }

 private:
  const std::string prefix_;
  std::vector<Difference> found_;
};

/// Compares the values where the case has written a value.
bool is_same(const PayloadText& expected, const std::string& got) {
  if (!expected.is_json_value) return expected.bytes == got;
  const auto value = nlohmann::json::parse(got, nullptr, false);
  return !value.is_discarded() && value == nlohmann::json::parse(expected.bytes, nullptr, false);
}

std::vector<Difference> differences_of(const ExpectedMessage& expected, const Message& got) {
  Comparison comparison(fmt::format("message to {}: ", got.sink));
  comparison.text("topic", expected.topic, got.routed.topic);
  comparison.text("key", expected.key, got.routed.key);
  if (expected.fallback && *expected.fallback != got.routed.fallback)
    comparison.add("fallback", fmt::format("{}", *expected.fallback), fmt::format("{}", got.routed.fallback));
  for (const auto& [name, value] : expected.headers)
    comparison.entry("header " + name, value,
                     find(got.composed.headers, name, [](const std::string& text) { return text; }));
  for (const auto& [name, value] : expected.properties)
    comparison.entry("property " + name, value, find(got.composed.properties, name, text_of));
  if (expected.payload && !is_same(*expected.payload, got.composed.payload))
    comparison.add("payload", expected.payload->bytes, got.composed.payload);
  if (got.composed.rejected) comparison.add("outcome", "a message that can be sent", *got.composed.rejected);
  return std::move(comparison).found();
}

std::vector<Difference> differences_of(const ExpectedEvent& expected, const Explanation& explanation) {
  Comparison comparison("event: ");
  const Event& event = *explanation.event;
  comparison.choice("family", expected.family, event.family());
  comparison.text("event_type", expected.event_type, event.event_type());
  comparison.text("entity", expected.entity, event.entity());
  comparison.choice("entity_kind", expected.entity_kind, event.entity_kind());
  comparison.text("tenant", expected.tenant, event.tenant());
  comparison.text("event_time", expected.event_time, event_time_text(event).value_or(""));
  if (expected.untidy) {
    event::UntidinessSet wanted;
    for (const auto kind : *expected.untidy) wanted.set(static_cast<std::size_t>(kind));
    if (wanted != explanation.untidiness) comparison.add("untidy", listed(wanted), listed(explanation.untidiness));
  }
  return std::move(comparison).found();
}

std::string named(const Message& message) {
  return fmt::format("topic {}, key {}", in_quotes(message.routed.topic), in_quotes(message.routed.key));
}

std::string named(const ExpectedMessage& message) {
  std::string text = message.topic ? "topic " + in_quotes(*message.topic) : "a message";
  if (message.key) text += ", key " + in_quotes(*message.key);
  return text;
}

/// Gives each expected message the one of its sink that differs least: those that differ in nothing first.
class Pairing {
 public:
  Pairing(const std::vector<ExpectedMessage>& expected, std::vector<const Message*> got)
      : expected_(expected), got_(std::move(got)), is_paired_(expected.size()) {}

  std::vector<Difference> run() && {
    for (std::size_t i = 0; i < expected_.size(); ++i) pair(i, true);
    for (std::size_t i = 0; i < expected_.size(); ++i)
      if (!is_paired_[i]) pair(i, false);
    for (std::size_t i = 0; i < expected_.size(); ++i)
      if (!is_paired_[i])
        found_.push_back(
            {fmt::format("message to {}", expected_[i].sink.value), named(expected_[i]), "no such message"});
    for (const Message* message : got_)
      found_.push_back({fmt::format("message to {}", message->sink), "no such message", named(*message)});
    return std::move(found_);
  }

 private:
  void pair(std::size_t index, bool exactly) {
    const ExpectedMessage& expected = expected_[index];
    std::optional<std::size_t> best;
    std::vector<Difference> least;
    for (std::size_t i = 0; i < got_.size(); ++i) {
      if (got_[i]->sink != expected.sink.value) continue;
      auto found = differences_of(expected, *got_[i]);
      if (best && found.size() >= least.size()) continue;
      best = i;
      least = std::move(found);
    }
    if (!best || (exactly && !least.empty())) return;
    is_paired_[index] = true;
    got_.erase(got_.begin() + static_cast<std::ptrdiff_t>(*best));
    found_.insert(found_.end(), least.begin(), least.end());
  }

  const std::vector<ExpectedMessage>& expected_;
  std::vector<const Message*> got_;
  std::vector<bool> is_paired_;
  std::vector<Difference> found_;
};

bool expects_anything_of(const ExpectedEvent& event) {
  return event.family || event.event_type || event.entity || event.entity_kind || event.tenant || event.event_time ||
         event.untidy;
}

}  // namespace

std::vector<Difference> differences(const Case& expected, const Explanation& got) {
  std::vector<Difference> found;
  if (got.event)
    found = differences_of(expected.is, got);
  else if (expects_anything_of(expected.is))
    found.push_back({"event", "an event", "none: " + got.not_an_event});
  std::vector<const Message*> messages;
  for (const RouteOutcome& route : got.routes)
    for (const Message& message : route.messages) messages.push_back(&message);
  const auto of_messages = Pairing(expected.expect, std::move(messages)).run();
  found.insert(found.end(), of_messages.begin(), of_messages.end());
  return found;
}

}  // namespace pbxbridge::explain
