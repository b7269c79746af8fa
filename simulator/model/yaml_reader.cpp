#include "simulator/model/yaml_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

bool must_be_escaped(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

}  // namespace

void YamlReader::fail(const YAML::Node& node, const std::string& text) const { fail(node.Mark(), text); }

void YamlReader::fail(const YAML::Mark& mark, const std::string& text) const {
  throw std::runtime_error(
      fmt::format("{}:{}:{}: error: {}", name_, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, text));
}

YAML::Node YamlReader::parse(const std::string& text) const {
  try {
    return YAML::Load(text);
  } catch (const YAML::ParserException& error) {
    fail(error.mark, error.msg);
  }
}

void YamlReader::check_keys(const YAML::Node& node, std::initializer_list<std::string_view> known) const {
  if (!node.IsMap()) fail(node, "must be a map");
  std::set<std::string> given;
  for (const auto& entry : node) {
    const auto& key = entry.first.Scalar();
    if (std::ranges::find(known, key) == known.end()) fail(entry.first, fmt::format("unknown key `{}`", key));
    if (!given.insert(key).second) fail(entry.first, fmt::format("`{}` is given twice", key));
  }
}

std::vector<YAML::Node> YamlReader::list(const YAML::Node& node, const char* key) const {
  const auto value = node[key];
  if (!value) return {};
  if (!value.IsSequence()) fail(value, fmt::format("`{}` must be a list", key));
  return {value.begin(), value.end()};
}

std::string YamlReader::text(const YAML::Node& node, const char* key) const {
  const auto value = node[key];
  if (!value) return {};
  if (!value.IsScalar()) fail(value, fmt::format("`{}` must be a text", key));
  if (!simdjson::validate_utf8(value.Scalar())) fail(value, fmt::format("`{}` is not UTF-8", key));
  if (std::ranges::any_of(value.Scalar(), must_be_escaped))
    fail(value, fmt::format("`{}` may hold no quotation marks, backslashes and control characters", key));
  return value.Scalar();
}

std::string YamlReader::required(const YAML::Node& node, const char* key) const {
  auto value = text(node, key);
  if (value.empty()) fail(node, fmt::format("`{}` is missing", key));
  return value;
}

std::string YamlReader::name(const YAML::Node& node, const char* key) const {
  auto value = required(node, key);
  if (value.find_first_not_of(letters) != value.npos)
    fail(node[key], fmt::format("`{}` may hold letters, digits, `.`, `-` and `_` only", key));
  return value;
}

std::string YamlReader::short_number(const YAML::Node& node, const char* key) const {
  auto value = required(node, key);
  if (value.find_first_not_of(digits) != value.npos || value.size() > 6 || value.front() == '0')
    fail(node[key], fmt::format("`{}` must have 1 to 6 digits, and not begin with 0", key));
  return value;
}

std::string YamlReader::outside_number(const YAML::Node& node, const char* key) const {
  auto value = required(node, key);
  const auto first_digit = value.starts_with('+') ? 1U : 0U;
  if (value.size() == first_digit || value.find_first_not_of(digits, first_digit) != value.npos)
    fail(node[key], fmt::format("`{}` must have digits only, and perhaps a plus before them", key));
  return value;
}

std::uint32_t YamlReader::count(const YAML::Node& node, const char* key, std::uint32_t otherwise, std::uint32_t lowest,
                                std::uint32_t highest) const {
  const auto value = node[key];
  if (!value) return otherwise;
  std::uint32_t number = 0;
  if (!YAML::convert<std::uint32_t>::decode(value, number) || number < lowest || number > highest)
    fail(value, fmt::format("`{}` must be a number from {} to {}", key, lowest, highest));
  return number;
}

}  // namespace pbxbridge::sim
