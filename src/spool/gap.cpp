#include "spool/gap.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace pbxbridge::spool {

namespace {

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
      Gap gap{.reason = static_cast<GapReason>(index),
              .pbx = json.at("pbx").get<std::string>(),
              .begin = time_from(integer(json.at("begin_ns"))),
              .end = time_from(integer(json.at("end_ns"))),
              .after = Sequence{count(json.at("after"))},
              .before = Sequence{count(json.at("before"))},
              .events = count(json.at("events")),
              .measured = measured_in(json)};
      return has_possible_times(gap) ? std::optional(std::move(gap)) : std::nullopt;
    }
  } catch (const nlohmann::json::exception&) {
    // Damaged on the disk: as good as not there.
  }
  return std::nullopt;
}

}  // namespace pbxbridge::spool
