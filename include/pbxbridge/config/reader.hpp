#pragma once

// Readers of each type: from YAML, into documentation, and back into YAML. Nothing here throws: what is wrong goes to
// the report, and the value is then not to be used.

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/enum_names.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {

class SchemaBase;

/// Text about a field for documentation and errors.
struct FieldText {
  std::string_view text;
  std::string_view example = {};  ///< as YAML
  bool required = false;
  /// Limits apply to numbers, durations (ms) and sizes (bytes), also of a list's or map's elements.
  std::optional<std::int64_t> minimum = std::nullopt;
  std::optional<std::int64_t> maximum = std::nullopt;
  /// Texts: returns what is wrong with it as a clause that does not quote it, or an empty text.
  std::string (*validate)(std::string_view value) = nullptr;
  /// Paths: pbxbridge reads the file; a warning where it cannot be read, for it may be there where pbxbridge runs.
  bool is_read = false;
  /// Lists: one element may stand without the list around it.
  bool or_single = false;
  /// Maps with keys of any name: returns whether the value of this one is a secret.
  bool (*is_secret_key)(std::string_view key) = nullptr;
};

/// The form of a value, for documentation and the JSON Schema.
struct TypeDescription {
  enum class Kind : std::uint8_t {
    text,
    boolean,
    integer,
    number,
    duration,
    size,
    path,
    secret,
    choice,
    object,
    list,
    map,
    match
  };
  Kind kind = Kind::text;
  std::vector<std::string_view> choices = {};
  const SchemaBase& (*object)() = nullptr;
  std::shared_ptr<const TypeDescription> element = nullptr;  ///< type of a list's or map's elements
  /// Neither struct, nor holding structs.
  bool is_plain() const {
    return kind != Kind::object && kind != Kind::match && (element == nullptr || element->is_plain());
  }
};

/// The field being read: its key as written, its declaration, and where problems go.
struct FieldContext {
  std::string_view key;
  std::string_view name;
  const FieldText& text;
  Report& report;

  void error(const Node& node, const std::string& clause) const {
    report.error(node.location(), std::string(key) + ": " + clause);
  }
};

/// Keys of a map that its schema does not know.
struct UnknownKeys {
  bool are_errors = true;
  std::vector<std::string_view> known_elsewhere = {};
};

/// Has `describe()`, `read(node, value, reading)` and `to_yaml(value)`.
template <class T>
struct Reader;

// The work behind the templates. Each returns nothing after having reported what is wrong.
std::optional<std::string> read_text(const Node& node, const FieldContext& reading);
std::optional<bool> read_boolean(const Node& node, const FieldContext& reading);
std::optional<std::int64_t> read_integer(const Node& node, const FieldContext& reading, std::int64_t type_minimum,
                                         std::int64_t type_maximum);
std::optional<double> read_number(const Node& node, const FieldContext& reading);
std::optional<Duration> read_duration(const Node& node, const FieldContext& reading);
std::optional<ByteSize> read_size(const Node& node, const FieldContext& reading);
std::optional<std::size_t> read_choice(const Node& node, const FieldContext& reading,
                                       const std::vector<std::string_view>& choices);
bool expect_list(const Node& node, const FieldContext& reading);
bool expect_map(const Node& node, const FieldContext& reading);
/// Warns where the file cannot be read here, and returns whether it did.
bool warn_of_unreadable_file(Location location, std::string_view key, const std::filesystem::path& path,
                             Report& report);
bool warn_of_unreadable_file(const Node& node, const std::filesystem::path& path, const FieldContext& reading);
/// Warns likewise, and reports an error for what is no regular file: one that waits for a writer must not be opened.
void check_file(Location location, std::string_view key, const std::filesystem::path& path, Report& report);
void check_file(const Node& node, const std::filesystem::path& path, const FieldContext& reading);

std::string to_yaml(Duration value);
std::string to_yaml(ByteSize value);
/// Quoted where plain YAML would read it otherwise.
std::string to_yaml(std::string_view value);

template <>
struct Reader<std::string> {
  static TypeDescription describe() { return {TypeDescription::Kind::text}; }
  static void read(const Node& node, std::string& value, const FieldContext& reading) {
    if (auto text = read_text(node, reading)) value = std::move(*text);
  }
  static std::string to_yaml(const std::string& value) { return value.empty() ? "" : config::to_yaml(value); }
};

template <>
struct Reader<std::filesystem::path> {
  static TypeDescription describe() { return {TypeDescription::Kind::path}; }
  static void read(const Node& node, std::filesystem::path& value, const FieldContext& reading) {
    auto text = read_text(node, reading);
    if (!text) return;
    value = std::move(*text);
    if (reading.text.is_read && !value.empty()) check_file(node, value, reading);
  }
  static std::string to_yaml(const std::filesystem::path& value) {
    return value.empty() ? "" : config::to_yaml(value.native());
  }
};

template <>
struct Reader<bool> {
  static TypeDescription describe() { return {TypeDescription::Kind::boolean}; }
  static void read(const Node& node, bool& value, const FieldContext& reading) {
    if (const auto read = read_boolean(node, reading)) value = *read;
  }
  static std::string to_yaml(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
struct Reader<T> {
  static TypeDescription describe() { return {TypeDescription::Kind::integer}; }
  static void read(const Node& node, T& value, const FieldContext& reading) {
    constexpr auto limit = std::numeric_limits<std::int64_t>::max();
    constexpr auto maximum = std::cmp_less(limit, std::numeric_limits<T>::max())
                                 ? limit
                                 : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    if (const auto read = read_integer(node, reading, std::numeric_limits<T>::min(), maximum))
      value = static_cast<T>(*read);
  }
  static std::string to_yaml(T value) { return std::to_string(value); }
};

template <>
struct Reader<double> {
  static TypeDescription describe() { return {TypeDescription::Kind::number}; }
  static void read(const Node& node, double& value, const FieldContext& reading) {
    if (const auto read = read_number(node, reading)) value = *read;
  }
  static std::string to_yaml(double value);
};

template <>
struct Reader<Duration> {
  static TypeDescription describe() { return {TypeDescription::Kind::duration}; }
  static void read(const Node& node, Duration& value, const FieldContext& reading) {
    if (const auto read = read_duration(node, reading)) value = *read;
  }
  static std::string to_yaml(Duration value) { return config::to_yaml(value); }
};

/// Fractions of a second are an error.
template <>
struct Reader<std::chrono::seconds> {
  static TypeDescription describe() { return {TypeDescription::Kind::duration}; }
  static void read(const Node& node, std::chrono::seconds& value, const FieldContext& reading) {
    const auto read = read_duration(node, reading);
    if (!read) return;
    if (*read % std::chrono::seconds(1) != Duration::zero()) return reading.error(node, "expected whole seconds");
    value = std::chrono::duration_cast<std::chrono::seconds>(*read);
  }
  static std::string to_yaml(std::chrono::seconds value) { return config::to_yaml(Duration(value)); }
};

template <>
struct Reader<ByteSize> {
  static TypeDescription describe() { return {TypeDescription::Kind::size}; }
  static void read(const Node& node, ByteSize& value, const FieldContext& reading) {
    if (const auto read = read_size(node, reading)) value = *read;
  }
  static std::string to_yaml(ByteSize value) { return config::to_yaml(value); }
};

/// Under `name` the value, under `name_file` a path.
template <>
struct Reader<Secret> {
  static TypeDescription describe() { return {TypeDescription::Kind::secret}; }
  static void read(const Node& node, Secret& value, const FieldContext& reading);
  static std::string to_yaml(const Secret&) { return ""; }
};

template <NamedEnum E>
struct Reader<E> {
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> names;
    for (const auto& [value, name] : enum_names<E>) names.push_back(name);
    return names;
  }
  static TypeDescription describe() { return {TypeDescription::Kind::choice, names()}; }
  static void read(const Node& node, E& value, const FieldContext& reading) {
    if (const auto index = read_choice(node, reading, names())) value = enum_names<E>[*index].first;
  }
  static std::string to_yaml(E value) { return config::to_yaml(to_string(value)); }
};

template <class T>
struct Reader<Located<T>> {
  static TypeDescription describe() { return Reader<T>::describe(); }
  static void read(const Node& node, Located<T>& value, const FieldContext& reading) {
    value.location = node.location();
    Reader<T>::read(node, value.value, reading);
  }
  static std::string to_yaml(const Located<T>& value) { return Reader<T>::to_yaml(value.value); }
};

template <class T>
struct Reader<std::optional<T>> {
  static TypeDescription describe() { return Reader<T>::describe(); }
  static void read(const Node& node, std::optional<T>& value, const FieldContext& reading) {
    Reader<T>::read(node, value ? *value : value.emplace(), reading);
  }
  static std::string to_yaml(const std::optional<T>& value) { return value ? Reader<T>::to_yaml(*value) : ""; }
};

template <class T>
struct Reader<std::vector<T>> {
  static TypeDescription describe() {
    return {TypeDescription::Kind::list, {}, nullptr, std::make_shared<TypeDescription>(Reader<T>::describe())};
  }
  static void read(const Node& node, std::vector<T>& value, const FieldContext& reading) {
    value.clear();
    if (reading.text.or_single && !node.is_list()) return Reader<T>::read(node, value.emplace_back(), reading);
    if (!expect_list(node, reading)) return;
    for (const Node& item : node.items()) Reader<T>::read(item, value.emplace_back(), reading);
  }
  static std::string to_yaml(const std::vector<T>& value) {
    std::string items;
    for (const T& item : value) items += (items.empty() ? "" : ", ") + Reader<T>::to_yaml(item);
    return items.empty() ? "" : "[" + items + "]";
  }
};

template <class T>
struct Reader<std::map<std::string, T>> {
  static TypeDescription describe() {
    return {TypeDescription::Kind::map, {}, nullptr, std::make_shared<TypeDescription>(Reader<T>::describe())};
  }
  static void read(const Node& node, std::map<std::string, T>& value, const FieldContext& reading) {
    if (!expect_map(node, reading)) return;
    for (const Node::Entry& entry : node.entries()) {
      const std::string key = std::string(reading.key) + "." + key_text(entry.key);
      Reader<T>::read(entry.value, value[entry.key], FieldContext{key, key, reading.text, reading.report});
    }
  }
  static std::string to_yaml(const std::map<std::string, T>& value) {
    std::string entries;
    for (const auto& [key, item] : value)
      entries += (entries.empty() ? "" : ", ") + config::to_yaml(key) + ": " + Reader<T>::to_yaml(item);
    return entries.empty() ? "" : "{" + entries + "}";
  }
};

}  // namespace pbxbridge::config
