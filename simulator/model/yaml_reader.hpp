#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Reads values of one YAML document and knows its name for the error messages: each function throws
/// std::runtime_error with name, line and column where a value is not as it must be.
class YamlReader {
 public:
  explicit YamlReader(std::string name) : name_(std::move(name)) {}

  YAML::Node parse(const std::string& text) const;

  [[noreturn]] void fail(const YAML::Node& node, const std::string& text) const;

  void check_keys(const YAML::Node& node, std::initializer_list<std::string_view> known) const;

  /// Elements of a list; none where it is absent.
  std::vector<YAML::Node> list(const YAML::Node& node, const char* key) const;

  /// Empty where it is absent. It goes into events as it is, so it is UTF-8 and holds nothing that JSON would have to
  /// escape.
  std::string text(const YAML::Node& node, const char* key) const;
  std::string required(const YAML::Node& node, const char* key) const;

  /// Letters, digits, `.`, `-` and `_` only.
  std::string name(const YAML::Node& node, const char* key) const;

  /// A number that a telephone of the tenant can dial: at most 6 digits, from which ids follow.
  std::string short_number(const YAML::Node& node, const char* key) const;

  /// A number that can be dialled from outside: digits, with or without a plus.
  std::string outside_number(const YAML::Node& node, const char* key) const;

  std::uint32_t count(const YAML::Node& node, const char* key, std::uint32_t otherwise, std::uint32_t lowest,
                      std::uint32_t highest) const;

  template <class Value>
  Value one_of(const YAML::Node& node, const std::map<std::string, Value, std::less<>>& names) const {
    const auto found = names.find(node.IsScalar() ? node.Scalar() : std::string());
    if (found != names.end()) return found->second;
    std::string known;
    for (const auto& [name, value] : names) known += (known.empty() ? "" : ", ") + name;
    fail(node, "must be one of " + known);
  }

 private:
  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& text) const;

  std::string name_;
};

}  // namespace pbxbridge::sim
