#pragma once

#include "event/classifier.hpp"
#include "pbxbridge/event.hpp"

#include <chrono>
#include <string_view>

namespace pbxbridge::event {

inline Classified classify(std::string_view payload, std::string_view pbx = "hq") {
  static Classifier classifier;
  return classifier.classify(payload, pbx, SystemTime{std::chrono::seconds{1'764'000'500}}, 3);
}

inline bool has(const Classified& classified, Untidiness kind) {
  return classified.untidiness.test(static_cast<std::size_t>(kind));
}

inline std::optional<std::int64_t> event_seconds(const Event& event) {
  if (!event.event_time()) return std::nullopt;
  return event.event_time()->time_since_epoch().count();
}

}  // namespace pbxbridge::event
