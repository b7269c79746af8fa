#include "config/settings_hash.hpp"

#include "config/secret_fields.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <vector>

namespace pbxbridge::config {

namespace {

/// Each text with its length before it, so that no two documents have the same one.
void append_text(const std::string& text, std::string& out) { out += fmt::format("{}:{}", text.size(), text); }

/// `map`: the key of `node`.
void append_value(const Node& node, std::string_view map, const SecretFields& secrets, std::string& out) {
  if (node.is_list()) {
    out += '[';
    for (const Node& item : node.items()) append_value(item, map, secrets, out);
    out += ']';
  } else if (node.is_map()) {
    std::vector<const Node::Entry*> entries;
    for (const Node::Entry& entry : node.entries()) entries.push_back(&entry);
    std::ranges::sort(entries, {}, &Node::Entry::key);
    out += '{';
    for (const Node::Entry* entry : entries) {
      append_text(entry->key, out);
      if (entry->value.is_scalar() && secrets.contains(map, entry->key))
        out += '*';
      else
        append_value(entry->value, entry->key, secrets, out);
    }
    out += '}';
  } else {
    append_text(text::without_secrets(node.text()), out);
  }
}

}  // namespace

std::string settings_hash(const Node& document, std::span<const SinkType> sink_types) {
  std::string settings;
  append_value(document, {}, SecretFields(sink_types), settings);
  return fmt::format("{:016x}", XXH3_64bits(settings.data(), settings.size()));
}

}  // namespace pbxbridge::config
