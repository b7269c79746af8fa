#include "config/settings_hash.hpp"

#include "config/clear_secrets.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <set>
#include <vector>

namespace pbxbridge::config {

namespace {

/// Each text with its length before it, so that no two documents have the same one.
void append_text(const std::string& text, std::string& out) { out += fmt::format("{}:{}", text.size(), text); }

void append_value(const Node& node, const std::set<std::string_view>& secrets, std::string& out) {
  if (node.is_list()) {
    out += '[';
    for (const Node& item : node.items()) append_value(item, secrets, out);
    out += ']';
  } else if (node.is_map()) {
    std::vector<const Node::Entry*> entries;
    for (const Node::Entry& entry : node.entries()) entries.push_back(&entry);
    std::ranges::sort(entries, {}, &Node::Entry::key);
    out += '{';
    for (const Node::Entry* entry : entries) {
      append_text(entry->key, out);
      if (entry->value.is_scalar() && secrets.contains(entry->key))
        out += '*';
      else
        append_value(entry->value, secrets, out);
    }
    out += '}';
  } else {
    append_text(text::without_secrets(node.text()), out);
  }
}

}  // namespace

std::string settings_hash(const Node& document, std::span<const SinkType> sink_types) {
  std::string settings;
  append_value(document, secret_fields(sink_types), settings);
  return fmt::format("{:016x}", XXH3_64bits(settings.data(), settings.size()));
}

}  // namespace pbxbridge::config
