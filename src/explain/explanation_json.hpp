#pragma once

#include "explain/explanation.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace pbxbridge::explain {

/// Writes the JSON that docs/guides/trying-a-configuration.md documents.
nlohmann::ordered_json to_json(const Explanation& explanation, std::uint64_t line);

/// Bytes as a text under `name`, or in Base64 under `NAME_base64` where they are not UTF-8.
void add_bytes(nlohmann::ordered_json& json, std::string_view name, std::string_view bytes);

}  // namespace pbxbridge::explain
