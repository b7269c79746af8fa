#include "config/sink_config.hpp"

#include "pbxbridge/config/names.hpp"

namespace pbxbridge::config {

const Schema<SinkConfig>& SinkConfig::schema() {
  static const auto schema =
      Schema<SinkConfig>("The fields that every sink has, whatever its type.")
          .field("type", &SinkConfig::type,
                 {.text = "Type of the sink.", .example = "stdout", .required = true, .validate = check_not_empty})
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
