#include "mqtt/properties.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace pbxbridge::mqtt {
namespace {

enum class Kind : std::uint8_t {
  unknown,
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  string,  // or binary data
  string_pair,
};

constexpr std::size_t identifiers = 0x2B;

/// MQTT 5.0, 2.2.2.2, table 2-4.
constexpr std::array<Kind, identifiers> make_kinds() {
  std::array<Kind, identifiers> kinds{};
  for (const int byte : {0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A}) kinds[byte] = Kind::byte;
  for (const int two : {0x13, 0x21, 0x22, 0x23}) kinds[two] = Kind::two_byte_integer;
  for (const int four : {0x02, 0x11, 0x18, 0x27}) kinds[four] = Kind::four_byte_integer;
  kinds[0x0B] = Kind::variable_byte_integer;
  for (const int string : {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}) kinds[string] = Kind::string;
  kinds[0x26] = Kind::string_pair;
  return kinds;
}

constexpr auto kinds = make_kinds();

}  // namespace

PropertyReader::PropertyReader(FieldReader& packet) : left_(packet.bytes(packet.variable_byte_integer())) {
  if (packet.failed()) problem_ = "its properties are cut short";
}

std::optional<Property> PropertyReader::next() {
  if (left_.at_end()) return std::nullopt;
  const std::uint8_t identifier = left_.byte();
  const Kind kind = identifier < identifiers ? kinds[identifier] : Kind::unknown;
  if (kind == Kind::unknown) return fail(fmt::format("property 0x{:02X} does not exist", identifier));

  Property property{static_cast<PropertyIdentifier>(identifier), 0, {}};
  switch (kind) {
    case Kind::byte:
      property.number = left_.byte();
      break;
    case Kind::two_byte_integer:
      property.number = left_.two_byte_integer();
      break;
    case Kind::four_byte_integer:
      property.number = left_.four_byte_integer();
      break;
    case Kind::variable_byte_integer:
      property.number = left_.variable_byte_integer();
      break;
    case Kind::string_pair:
      left_.string();
      [[fallthrough]];
    default:
      property.text = left_.string();
  }
  if (left_.failed()) return fail(fmt::format("property 0x{:02X} is cut short", identifier));
  const std::uint64_t bit = std::uint64_t{1} << identifier;
  if (kind != Kind::string_pair && (std::exchange(seen_, seen_ | bit) & bit) != 0)
    return fail(fmt::format("property 0x{:02X} is there twice", identifier));
  return property;
}

std::optional<Property> PropertyReader::fail(std::string problem) {
  problem_ = std::move(problem);
  left_ = FieldReader({});
  return std::nullopt;
}

}  // namespace pbxbridge::mqtt
