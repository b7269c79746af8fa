#include "spool/gaps/gap.hpp"

#include <nlohmann/json.hpp>

namespace pbxbridge::spool {

namespace {

/// Returns the name on the disk, whatever the reason is called elsewhere.
constexpr std::string_view stored_name(GapReason reason) {
  switch (reason) {
    case GapReason::disconnected:
      return "disconnected";
    case GapReason::not_running:
      return "not_running";
    case GapReason::overload:
      return "overload";
    case GapReason::spool_full:
      return "spool_full";
    case GapReason::expired:
      return "expired";
    case GapReason::corrupted:
      return "corrupted";
  }
  return {};
}

std::optional<GapReason> reason_stored_as(std::string_view name) {
  for (unsigned ordinal = 0; ordinal < 256 && !name.empty(); ++ordinal)
    if (const auto reason = static_cast<GapReason>(ordinal); stored_name(reason) == name) return reason;
  return std::nullopt;
}

SystemTime time_from(std::int64_t nanoseconds) { return SystemTime(std::chrono::nanoseconds(nanoseconds)); }

// Whole numbers as they were written: `get` converts a fraction, which may be beyond every integer.
std::int64_t integer(const nlohmann::json& number) { return number.get_ref<const nlohmann::json::number_integer_t&>(); }
std::uint64_t count(const nlohmann::json& number) { return number.get_ref<const nlohmann::json::number_unsigned_t&>(); }

/// Older ones were not measured.
std::optional<std::chrono::nanoseconds> measured_in(const nlohmann::json& gap) {
  const auto found = gap.find("measured_ns");
  if (found == gap.end()) return std::nullopt;
  return std::chrono::nanoseconds(integer(*found));
}

/// No clock of ours shows a time before 1970, and the difference of two later ones has room.
bool has_possible_times(const Gap& gap) { return gap.begin >= SystemTime{} && gap.end >= SystemTime{}; }

}  // namespace

std::optional<double> Gap::seconds() const {
  const auto took = measured.value_or(end - begin);
  if (took < std::chrono::nanoseconds::zero()) return std::nullopt;
  return std::chrono::duration<double>(took).count();
}

std::string to_json(const Gap& gap) {
  nlohmann::json json{{"reason", stored_name(gap.reason)},
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
    const auto reason = reason_stored_as(json.at("reason").get<std::string>());
    if (!reason) return std::nullopt;
    Gap gap{.reason = *reason,
            .pbx = json.at("pbx").get<std::string>(),
            .begin = time_from(integer(json.at("begin_ns"))),
            .end = time_from(integer(json.at("end_ns"))),
            .after = Sequence{count(json.at("after"))},
            .before = Sequence{count(json.at("before"))},
            .events = count(json.at("events")),
            .measured = measured_in(json)};
    if (has_possible_times(gap)) return gap;
  } catch (const nlohmann::json::exception&) {
    // Damaged on the disk: as good as not there.
  }
  return std::nullopt;
}

}  // namespace pbxbridge::spool
