#include "sink/kafka/broker_troubles.hpp"

#include <utility>

namespace pbxbridge::sink {

namespace {

// librdkafka tells the same error of a broker every 30 s.
constexpr std::chrono::seconds same_outage{60};
constexpr std::chrono::seconds patience{5};

}  // namespace

std::optional<std::string> BrokerTroubles::add(const Error& error, Time now) {
  note(error.text);
  const auto [entry, is_new] =
      errors_.try_emplace(error.text.substr(0, error.text.find(": ")), BrokerError{error, now, now});
  BrokerError& known = entry->second;
  if (now - known.last_at > same_outage) known = {error, now, now};
  known.error = error;
  known.last_at = now;
  if (now - known.first_at < patience || std::exchange(known.is_reported, true)) return std::nullopt;
  return error.text + "; events for its partitions wait, others are delivered";
}

void BrokerTroubles::note(std::string text) {
  const std::lock_guard lock(mutex_);
  last_ = std::move(text);
}

std::string BrokerTroubles::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

}  // namespace pbxbridge::sink
