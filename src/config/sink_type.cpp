#include "pbxbridge/sink_type.hpp"

#include "config/sink_config.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge {

std::string TopicLimits::problem_of(std::string_view topic) const {
  if (topic.size() > bytes) return fmt::format("is longer than the {} bytes that the sink's limits allow", bytes);
  if (levels == none) return {};
  const auto topic_levels = static_cast<std::size_t>(std::ranges::count(topic, separator)) + 1;
  if (topic_levels > levels) return fmt::format("has {} levels, and the sink's limits allow {}", topic_levels, levels);
  return {};
}

std::vector<std::string_view> common_sink_fields() {
  std::vector<std::string_view> names;
  for (const config::Field& field : config::SinkConfig::schema().fields()) names.push_back(field.name);
  return names;
}

}  // namespace pbxbridge
