#include "derive/gap_event.hpp"

#include "derive/bridge_event.hpp"
#include "observe/log_format.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::derive {

NewEventPtr gap_event(const spool::Gap& gap, const std::set<std::string>& topics, std::uint32_t connection_epoch,
                      SystemTime at) {
  nlohmann::ordered_json document = {{"reason", to_string(gap.reason)},
                                     {"from", observe::format_time(gap.begin)},
                                     {"to", observe::format_time(gap.end)}};
  if (const auto seconds = gap.seconds()) document["seconds"] = *seconds;
  if (gap.events > 0) document["events"] = gap.events;
  document["after_sequence"] = fmt::format("{:016x}", gap.after.value);
  if (!topics.empty()) document["topics"] = topics;
  return bridge_event("bridge_gap", gap.pbx, connection_epoch, at, document);
}

}  // namespace pbxbridge::derive
