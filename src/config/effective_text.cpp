#include "config/effective_text.hpp"

#include "config/schema/url_secrets.hpp"
#include "config/secret_fields.hpp"
#include "text/ascii.hpp"
#include "text/log_text.hpp"
#include "text/mask.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace pbxbridge::config {

namespace {

using text::is_digit;

constexpr std::size_t most_items = 20;
constexpr std::size_t longest_scalar = 500;

/// Maps whose values may be numbers of people, but for these fields.
bool begins_numbers(std::string_view key) { return key == "match" || key == "subscribe" || key == "extension_number"; }
bool holds_no_numbers(std::string_view key) {
  constexpr std::string_view fields[] = {"pbx",   "family", "event_type", "tenant",
                                         "topic", "keys",   "tenants",    "entity_kind"};
  return std::ranges::find(fields, key) != std::end(fields);
}

/// Writes it in double quotes where YAML would not read it as the same text without.
std::string yaml_text(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+";
  if (!text.empty() && text.front() != '-' && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') quoted += '\\';
    quoted += each;
  }
  return quoted + '"';
}

class Writer {
 public:
  explicit Writer(std::span<const SinkType> sink_types) : secrets_(sink_types) {}

  /// `map`: the key of `node`.
  void write(const Node& node, std::string_view map, std::size_t indent, bool is_masked) {
    if (node.is_map()) {
      for (const Node::Entry& entry : node.entries()) write_entry(entry, map, indent, is_masked);
    } else if (node.is_list()) {
      write_items(node.items(), map, indent, is_masked);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  void write_entry(const Node::Entry& entry, std::string_view map, std::size_t indent, bool is_masked) {
    const bool masked = (is_masked || begins_numbers(entry.key)) && !holds_no_numbers(entry.key);
    text_ += fmt::format("{:{}}{}:", "", indent, shown(entry.key, false));
    if (entry.value.is_scalar() && secrets_.contains(map, entry.key))
      text_ += fmt::format(" {}\n", text::secret_mask);
    else
      write_value(entry.value, entry.key, indent + 2, masked);
  }

  void write_items(const std::vector<Node>& items, std::string_view map, std::size_t indent, bool is_masked) {
    for (std::size_t i = 0; i < std::min(items.size(), most_items); ++i) {
      text_ += fmt::format("{:{}}-", "", indent);
      write_value(items[i], map, indent + 2, is_masked);
    }
    if (items.size() > most_items) text_ += fmt::format("{:{}}# and {} more\n", "", indent, items.size() - most_items);
  }

  /// Writes behind a key or a hyphen.
  void write_value(const Node& node, std::string_view key, std::size_t indent, bool is_masked) {
    if (node.is_scalar()) {
      text_ += ' ' + shown(node.text(), is_masked) + '\n';
    } else if (node.entries().empty() && node.items().empty()) {
      text_ += node.is_map() ? " {}\n" : node.is_list() ? " []\n" : "\n";
    } else {
      text_ += '\n';
      write(node, key, indent, is_masked);
    }
  }

  static std::string shown(const std::string& text, bool is_masked) {
    if (is_masked && std::ranges::any_of(text, is_digit)) return yaml_text(text::masked(text));
    return yaml_text(text::log_text(without_url_secrets(text), longest_scalar));
  }

  const SecretFields secrets_;
  std::string text_;
};

}  // namespace

std::string effective_text(const Node& document, std::span<const SinkType> sink_types) {
  Writer writer(sink_types);
  writer.write(document, {}, 0, false);
  return writer.take();
}

}  // namespace pbxbridge::config
