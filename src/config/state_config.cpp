#include "config/state_config.hpp"

#include "pbxbridge/config/schema.hpp"

namespace pbxbridge::config {

const Schema<StateConfig>& StateConfig::schema() {
  constexpr std::int64_t most_rows = 1'000'000;
  static const auto schema =
      Schema<StateConfig>(
          "How the state of extensions, queues, agents and calls is followed, for routes that take events of the "
          "family "
          "`state`. What reaches a bound has no document, and is counted.")
          .field("orphan_after", &StateConfig::orphan_after,
                 {.text = "A call that was open before a gap, and of which nothing is heard for so long after it, is "
                          "closed.",
                  .minimum = 1'000,
                  .maximum = std::int64_t{7} * 24 * 3600 * 1000})
          .field("numbers", &StateConfig::numbers,
                 {.text = "Whether `state_call` has caller and callee. `false` keeps them from the tables, too."})
          .field("max_extensions", &StateConfig::max_extensions,
                 {.text = "Extensions that are followed, of all PBXs.", .minimum = 1, .maximum = most_rows})
          .field("max_queues", &StateConfig::max_queues,
                 {.text = "Queues that are followed.", .minimum = 1, .maximum = most_rows})
          .field("max_agents", &StateConfig::max_agents,
                 {.text = "Agents that are followed; an extension counts once for each of its queues.",
                  .minimum = 1,
                  .maximum = most_rows})
          .field("max_calls", &StateConfig::max_calls,
                 {.text = "Open calls that are followed, and as many callers who wait in queues.",
                  .minimum = 1,
                  .maximum = most_rows})
          .field(
              "max_size", &StateConfig::max_size,
              {.text = "Size of all that is followed, as it is stored; memory takes about four times as much. Beyond "
                       "it nothing new is followed.",
               .minimum = 64 * 1024,
               .maximum = std::int64_t{1024} * 1024 * 1024});
  return schema;
}

}  // namespace pbxbridge::config
