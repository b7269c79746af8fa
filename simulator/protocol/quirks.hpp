#pragma once

#include "simulator/model/accounts.hpp"
#include "simulator/model/random.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// Makes events as untidy as real ones are: fields in any order, a key twice (the vendor's samples repeat `username`),
/// a number where a text is documented and the other way round, a misspelt enumerator (`ON_ACLL`), characters escaped
/// that need not be, and events of which no page of the vendor knows. What it leaves alone are ids, times and meaning.
class Quirks {
 public:
  explicit Quirks(std::uint64_t seed) : random_(seed) {}

  /// Mostly the event as it is, otherwise the same with one or more quirks. `event` is a JSON object.
  std::string apply(std::string_view event);

  /// Now and then an event of a type that is in no documentation.
  std::optional<std::string> unknown_event(std::string_view tenant_id);

 private:
  /// Both go down into what is nested.
  static void misspell(nlohmann::ordered_json& value);
  static void mix_kinds(nlohmann::ordered_json& value);
  nlohmann::ordered_json shuffled(const nlohmann::ordered_json& object);
  std::string with_repeated_key(const std::string& text, const nlohmann::ordered_json& object);

  Random random_;
};

/// Gives the extensions names in many scripts, with emoji, marks for the direction of writing and combining characters.
void name_in_many_scripts(Installation& installation);

}  // namespace pbxbridge::sim
