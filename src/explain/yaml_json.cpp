#include "explain/yaml_json.hpp"

#include "sink/json_text.hpp"

#include <algorithm>
#include <string_view>

namespace pbxbridge::explain {

namespace {

/// Returns how many digits the text begins with.
std::size_t digits(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

/// RFC 8259, section 6.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits(text) == 0) return false;
    text.remove_prefix(digits(text));
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits(text) == 0) return false;
    text.remove_prefix(digits(text));
  }
  return text.empty();
}

void append(std::string& out, const config::Node& node);

void append_map(std::string& out, const config::Node& node) {
  out += '{';
  for (const auto& entry : node.entries()) {
    if (&entry != &node.entries().front()) out += ',';
    sink::append_json_string(out, entry.key);
    out += ':';
    append(out, entry.value);
  }
  out += '}';
}

void append_list(std::string& out, const config::Node& node) {
  out += '[';
  for (const auto& item : node.items()) {
    if (&item != &node.items().front()) out += ',';
    append(out, item);
  }
  out += ']';
}

void append(std::string& out, const config::Node& node) {
  switch (node.kind()) {
    case config::Node::Kind::nothing:
      out += "null";
      break;
    case config::Node::Kind::map:
      append_map(out, node);
      break;
    case config::Node::Kind::list:
      append_list(out, node);
      break;
    case config::Node::Kind::scalar:
      if (node.is_plain() && (node.text() == "true" || node.text() == "false" || is_json_number(node.text())))
        out += node.text();
      else
        sink::append_json_string(out, node.text());
      break;
  }
}

}  // namespace

std::string json_of(const config::Node& node) {
  std::string out;
  append(out, node);
  return out;
}

}  // namespace pbxbridge::explain
