#include "pbxbridge/config/reader.hpp"

#include "config/schema/exposure.hpp"
#include "config/schema/file_text.hpp"
#include "config/schema/url_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <system_error>

namespace pbxbridge::config {

namespace {

bool expect_scalar(const Node& node, const FieldContext& reading, std::string_view what) {
  if (node.is_scalar()) return node.is_known();
  // No field has a dot, so this is an entry of a map: in `{ sasl.password: one,two }` what looks like a key is the rest
  // of a password.
  if (const auto dot = reading.key.find('.'); dot != std::string_view::npos && node.kind() == Node::Kind::nothing) {
    reading.report.error(node.location(),
                         fmt::format("{}: a key without a value (it is not shown here, for it may be a "
                                     "part of the value before it, which must then stand in quotes)",
                                     reading.key.substr(0, dot)));
    return false;
  }
  reading.error(node, fmt::format("expected {}, found {}", what, node.kind_text()));
  return false;
}

/// Returns whether it reported one: a library of C would take what stands before it for the whole text.
bool holds_nul(const Node& node, const FieldContext& reading) {
  const bool holds_one = node.text().find('\0') != std::string::npos;
  if (holds_one) reading.error(node, "a NUL character is not allowed");
  return holds_one;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

constexpr std::uint64_t kibi = 1024;
constexpr Unit size_units[] = {
    {"B", 1},     {"KiB", kibi},    {"MiB", kibi* kibi},  {"GiB", kibi* kibi* kibi}, {"TiB", kibi* kibi* kibi* kibi},
    {"kB", 1000}, {"MB", 1000'000}, {"GB", 1000'000'000},
};

/// A whole number with a unit; nothing where it is none or does not fit.
std::optional<std::int64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::uint64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text.substr(digits)) continue;
    if (*number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.factor)
      return std::nullopt;
    return static_cast<std::int64_t>(*number * unit.factor);
  }
  return std::nullopt;
}

std::string quantity_text(std::uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  return fmt::format("{}{}", value / best->factor, best->name);
}

template <class Describe>
bool within_limits(std::int64_t value, const Node& node, const FieldContext& reading, Describe describe) {
  const auto& [minimum, maximum] = std::pair(reading.text.minimum, reading.text.maximum);
  const bool low = minimum && value < *minimum;
  const bool high = maximum && value > *maximum;
  if (!low && !high) return true;
  if (minimum && maximum)
    reading.error(node,
                  fmt::format("expected {} to {}, found {}", describe(*minimum), describe(*maximum), node.quoted()));
  else if (low)
    reading.error(node, fmt::format("expected at least {}, found {}", describe(*minimum), node.quoted()));
  else
    reading.error(node, fmt::format("expected at most {}, found {}", describe(*maximum), node.quoted()));
  return false;
}

}  // namespace

std::optional<std::string> read_text(const Node& node, const FieldContext& reading) {
  if (!expect_scalar(node, reading, "a text")) return std::nullopt;
  if (holds_nul(node, reading)) return std::nullopt;
  if (reading.text.validate != nullptr) {
    if (const std::string wrong = reading.text.validate(node.text()); !wrong.empty()) {
      reading.error(node, wrong);
      return std::nullopt;
    }
  }
  remember_url_secrets(node.text());
  return node.text();
}

std::optional<bool> read_boolean(const Node& node, const FieldContext& reading) {
  if (!expect_scalar(node, reading, "true or false")) return std::nullopt;
  if (node.text() == "true") return true;
  if (node.text() == "false") return false;
  reading.error(node, fmt::format("expected true or false, found {}", node.quoted()));
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Node& node, const FieldContext& reading, std::int64_t type_minimum,
                                         std::int64_t type_maximum) {
  if (!expect_scalar(node, reading, "a whole number")) return std::nullopt;
  const auto number = parse_number<std::int64_t>(node.text());
  if (!number) {
    reading.error(node, fmt::format("expected a whole number, found {}", node.quoted()));
    return std::nullopt;
  }
  FieldText limits = reading.text;
  limits.minimum = std::max(limits.minimum.value_or(type_minimum), type_minimum);
  limits.maximum = std::min(limits.maximum.value_or(type_maximum), type_maximum);
  const FieldContext limited{reading.key, reading.name, limits, reading.report};
  if (!within_limits(*number, node, limited, [](std::int64_t limit) { return std::to_string(limit); }))
    return std::nullopt;
  return number;
}

std::optional<double> read_number(const Node& node, const FieldContext& reading) {
  if (!expect_scalar(node, reading, "a number")) return std::nullopt;
  const auto number = parse_number<double>(node.text());
  if (!number || !std::isfinite(*number)) {
    reading.error(node, fmt::format("expected a number, found {}", node.quoted()));
    return std::nullopt;
  }
  const bool low = reading.text.minimum && *number < static_cast<double>(*reading.text.minimum);
  const bool high = reading.text.maximum && *number > static_cast<double>(*reading.text.maximum);
  if (low) reading.error(node, fmt::format("expected at least {}, found {}", *reading.text.minimum, node.quoted()));
  if (high) reading.error(node, fmt::format("expected at most {}, found {}", *reading.text.maximum, node.quoted()));
  return low || high ? std::nullopt : number;
}

std::optional<Duration> read_duration(const Node& node, const FieldContext& reading) {
  constexpr std::string_view expected = "a duration with its unit, such as 250ms, 15s, 5m, 2h or 7d";
  // Keeps arithmetic on clocks of nanoseconds far from overflow.
  constexpr std::int64_t longest = std::int64_t{3650} * 86'400'000;
  if (!expect_scalar(node, reading, expected)) return std::nullopt;
  const auto milliseconds = parse_quantity(node.text(), duration_units);
  if (!milliseconds) {
    reading.error(node, fmt::format("expected {}, found {}", expected, node.quoted()));
    return std::nullopt;
  }
  FieldText limits = reading.text;
  limits.maximum = std::min(limits.maximum.value_or(longest), longest);
  const FieldContext limited{reading.key, reading.name, limits, reading.report};
  if (!within_limits(*milliseconds, node, limited, [](std::int64_t limit) { return to_yaml(Duration(limit)); }))
    return std::nullopt;
  return Duration(*milliseconds);
}

std::optional<ByteSize> read_size(const Node& node, const FieldContext& reading) {
  constexpr std::string_view expected = "a size with its unit, such as 4096B, 64KiB, 1MiB or 2GiB";
  if (!expect_scalar(node, reading, expected)) return std::nullopt;
  const auto bytes = parse_quantity(node.text(), size_units);
  if (!bytes) {
    reading.error(node, fmt::format("expected {}, found {}", expected, node.quoted()));
    return std::nullopt;
  }
  const auto describe = [](std::int64_t limit) { return to_yaml(ByteSize{static_cast<std::uint64_t>(limit)}); };
  if (!within_limits(*bytes, node, reading, describe)) return std::nullopt;
  return ByteSize{static_cast<std::uint64_t>(*bytes)};
}

std::optional<std::size_t> read_choice(const Node& node, const FieldContext& reading,
                                       const std::vector<std::string_view>& choices) {
  const std::string expected = fmt::format("{}", fmt::join(choices, ", "));
  if (!expect_scalar(node, reading, "one of " + expected)) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), node.text());
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const std::string meant = node.quoted() == "the value" ? "" : suggestion(node.text(), choices);
  reading.error(node, fmt::format("expected one of {}; found {}{}", expected, node.quoted(), meant));
  return std::nullopt;
}

bool expect_list(const Node& node, const FieldContext& reading) {
  if (!node.is_list()) reading.error(node, fmt::format("expected a list, found {}", node.kind_text()));
  return node.is_list();
}

bool expect_map(const Node& node, const FieldContext& reading) {
  if (!node.is_map()) reading.error(node, fmt::format("expected a map (name: value), found {}", node.kind_text()));
  return node.is_map();
}

bool warn_of_unreadable_file(Location location, std::string_view key, const std::filesystem::path& path,
                             Report& report) {
  const std::string why = why_unreadable(path);
  if (!why.empty()) report.warning(location, fmt::format("{}: {} cannot be read here: {}", key, path.native(), why));
  return !why.empty();
}

bool warn_of_unreadable_file(const Node& node, const std::filesystem::path& path, const FieldContext& reading) {
  return warn_of_unreadable_file(node.location(), reading.key, path, reading.report);
}

void check_file(Location location, std::string_view key, const std::filesystem::path& path, Report& report) {
  if (warn_of_unreadable_file(location, key, path, report)) return;
  if (const std::string why = why_not_regular(path); !why.empty())
    report.error(location, fmt::format("{}: {} cannot be used: {}", key, path.native(), why));
}

void check_file(const Node& node, const std::filesystem::path& path, const FieldContext& reading) {
  check_file(node.location(), reading.key, path, reading.report);
}

void Reader<Secret>::read(const Node& node, Secret& value, const FieldContext& reading) {
  const bool is_path = reading.key != reading.name;
  if (!expect_scalar(node, reading, is_path ? "a path" : "a text")) return;
  if (node.text().empty()) return reading.error(node, is_path ? "the path is empty" : "the secret is empty");
  if (holds_nul(node, reading)) return;
  value = is_path ? Secret::of_file(node.text()) : Secret::of_value(node.text());
  if (!is_path || warn_of_unreadable_file(node, node.text(), reading)) return;
  if (const auto secret = value.read(); !secret) return reading.error(node, secret.error().text);
  if (const std::string exposed = exposed_to_readers(node.text()); !exposed.empty())
    reading.report.warning(node.location(), fmt::format("{}: {}", reading.key, exposed));
}

std::string Reader<double>::to_yaml(double value) { return fmt::format("{}", value); }

std::string to_yaml(Duration value) { return quantity_text(static_cast<std::uint64_t>(value.count()), duration_units); }

std::string to_yaml(ByteSize value) {
  constexpr std::size_t binary_units = 5;
  return quantity_text(value.bytes, std::span(size_units).first(binary_units));
}

std::string to_yaml(std::string_view value) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
  const bool is_plain = value.find_first_not_of(plain) == std::string_view::npos && !value.empty() &&
                        std::string_view("0123456789.-").find(value.front()) == std::string_view::npos &&
                        value != "true" && value != "false" && value != "null";
  if (is_plain) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace pbxbridge::config
