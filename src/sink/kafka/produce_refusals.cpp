#include "sink/kafka/produce_refusals.hpp"

#include "sink/kafka/kafka_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::sink {

namespace {

/// `words`: librdkafka's own for an error, and never a broker's.
std::string explained(std::string_view words) {
  const auto outcomes = kafka_outcomes();
  const auto known =
      std::ranges::find_if(outcomes, [&](const auto& row) { return rd_kafka_err2str(row.error) == words; });
  return known == outcomes.end() ? std::string(words) : fmt::format("{} ({})", known->reason, words);
}

}  // namespace

std::optional<std::string> refusal_in_log(std::string_view facility, std::string_view text) {
  constexpr std::string_view before_error = " encountered error: ";
  const auto batch = text.find("]: MessageSet with ");
  const auto error = text.find(before_error);
  const auto actions = text.rfind(" (actions ");
  constexpr auto none = std::string_view::npos;
  if (facility != "MSGSET" || batch == none || error == none || actions == none || error > actions) return {};
  const auto topic_end = text.rfind(" [", batch);
  if (topic_end == none || topic_end == 0) return {};
  const auto space = text.rfind(' ', topic_end - 1);
  const auto topic = space == none ? 0 : space + 1;
  const auto begin = error + before_error.size();
  const std::string_view words = text.substr(begin, actions - begin);
  if (words.starts_with("Local: ")) return {};  // librdkafka's own, which follows a broker's
  return fmt::format("topic {}: {}", text.substr(topic, topic_end - topic), explained(words));
}

void ProduceRefusals::note(std::string_view facility, std::string_view text, Time now) {
  auto refusal = refusal_in_log(facility, text);
  if (!refusal) return;
  const std::lock_guard lock(mutex_);
  last_ = std::move(*refusal);
  last_at_ = now;
}

std::optional<std::string> ProduceRefusals::last_since(Time begin) const {
  const std::lock_guard lock(mutex_);
  if (last_.empty() || last_at_ < begin) return std::nullopt;
  return last_;
}

}  // namespace pbxbridge::sink
