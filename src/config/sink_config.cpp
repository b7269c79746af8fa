#include "config/sink_config.hpp"

#include "pbxbridge/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::config {

std::string TopicLimits::problem_of(std::string_view topic) const {
  if (topic.size() > bytes) return fmt::format("is longer than the {} bytes that the sink's limits allow", bytes);
  if (levels == none) return {};
  const auto topic_levels = static_cast<std::size_t>(std::ranges::count(topic, '/')) + 1;
  if (topic_levels > levels) return fmt::format("has {} levels, and the sink's limits allow {}", topic_levels, levels);
  return {};
}

const Schema<SinkConfig>& SinkConfig::schema() {
  static const auto schema =
      Schema<SinkConfig>("The fields that every sink has, whatever its type.")
          .field("type", &SinkConfig::type,
                 {.text = "Type of the sink.", .example = "kafka", .required = true, .validate = check_not_empty})
          .field("window", &SinkConfig::window,
                 {.text = "Deliveries that may wait for their acknowledgement at once. 0: as many as suit the sink.",
                  .maximum = 100'000})
          .field("reconnect", &SinkConfig::reconnect, {.text = "Waits between attempts to connect."})
          .field("start", &SinkConfig::start,
                 {.text = "Where a sink begins that the spool does not know yet: with what comes from now on, or with "
                          "the oldest event that the spool holds."})
          .field("retry", &SinkConfig::retry,
                 {.text = "Waits before an event is tried again that the sink did not take."})
          .field("auth_retry", &SinkConfig::auth_retry,
                 {.text = "Waits after the far side rejected the account, long, so that the account is not locked."})
          .field("dead_letters_to", &SinkConfig::dead_letters_to,
                 {.text = "Another sink to which events go as well that this one has rejected for good. Once, and not "
                          "across a restart: the dead letter in the spool is what counts."});
  return schema;
}

void Reader<SinkConfig>::read(const Node& node, SinkConfig& value, const FieldContext& reading) {
  value.location = node.location();
  SinkConfig::schema().read(node, value, reading.report, UnknownKeys{.are_errors = false});
}

}  // namespace pbxbridge::config
