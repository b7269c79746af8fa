#include "spool/gap.hpp"

#include <nlohmann/json.hpp>

namespace pbxbridge::spool {

namespace {

SystemTime time_from(std::int64_t nanoseconds) { return SystemTime(std::chrono::nanoseconds(nanoseconds)); }

/// Older ones were not measured.
std::optional<std::chrono::nanoseconds> measured_in(const nlohmann::json& gap) {
  const auto found = gap.find("measured_ns");
  if (found == gap.end()) return std::nullopt;
  return std::chrono::nanoseconds(found->get<std::int64_t>());
}

}  // namespace

std::optional<double> Gap::seconds() const {
  const auto took = measured.value_or(end - begin);
  if (took < std::chrono::nanoseconds::zero()) return std::nullopt;
  return std::chrono::duration<double>(took).count();
}

std::string to_json(const Gap& gap) {
  nlohmann::json json{{"reason", to_string(gap.reason)},
                      {"pbx", gap.pbx},
                      {"begin_ns", gap.begin.time_since_epoch().count()},
                      {"end_ns", gap.end.time_since_epoch().count()},
                      {"after", gap.after.value},
                      {"before", gap.before.value},
                      {"events", gap.events}};
  if (gap.measured) json["measured_ns"] = gap.measured->count();
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Gap> gap_from_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    const auto reason = json.at("reason").get<std::string>();
    for (std::size_t index = 0; index < observe::gap_reason_count; ++index) {
      if (to_string(static_cast<GapReason>(index)) != reason) continue;
      return Gap{.reason = static_cast<GapReason>(index),
                 .pbx = json.at("pbx").get<std::string>(),
                 .begin = time_from(json.at("begin_ns").get<std::int64_t>()),
                 .end = time_from(json.at("end_ns").get<std::int64_t>()),
                 .after = Sequence{json.at("after").get<std::uint64_t>()},
                 .before = Sequence{json.at("before").get<std::uint64_t>()},
                 .events = json.at("events").get<std::uint64_t>(),
                 .measured = measured_in(json)};
    }
  } catch (const nlohmann::json::exception&) {
    // Damaged on the disk: as good as not there.
  }
  return std::nullopt;
}

}  // namespace pbxbridge::spool
