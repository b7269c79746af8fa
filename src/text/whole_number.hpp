#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace pbxbridge::text {

/// Reads a whole number of another process. Throws nlohmann::json::exception for anything else, a fraction and a
/// negative number included: the library's own conversion of such a number is undefined or takes another one.
template <class Json>
std::uint64_t whole_number(const Json& value) {
  if (!value.is_number_unsigned())
    throw Json::type_error::create(302, std::string("not a whole number: ") + value.type_name(), &value);
  return value.template get<std::uint64_t>();
}

}  // namespace pbxbridge::text
