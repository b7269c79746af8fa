#include "pbxbridge/config/node.hpp"

#include "text/log_text.hpp"

#include <utility>

namespace pbxbridge::config {

struct Node::Data {
  Kind kind;
  Location location;
  bool substituted = false;
  bool plain = false;
  bool known = true;
  std::size_t size = 1;
  std::size_t text_bytes = 0;
  std::string text;
  std::vector<Node> items;
  std::vector<Entry> entries;
};

Node::Node(Kind kind, Location location) : data_(std::make_shared<Data>(Data{kind, location})) {}

Node Node::scalar(std::string text, Location location, bool substituted, bool plain) {
  Node node(Kind::scalar, location);
  node.data_->text_bytes = text.size();
  node.data_->text = std::move(text);
  node.data_->substituted = substituted;
  node.data_->plain = plain;
  return node;
}

Node Node::unknown(Location location) {
  Node node(Kind::scalar, location);
  node.data_->known = false;
  return node;
}

Node::Kind Node::kind() const { return data_->kind; }
bool Node::is_plain() const { return data_->plain; }
bool Node::is_known() const { return data_->known; }
Location Node::location() const { return data_->location; }
const std::string& Node::text() const { return data_->text; }
const std::vector<Node>& Node::items() const { return data_->items; }
const std::vector<Node::Entry>& Node::entries() const { return data_->entries; }
std::size_t Node::size() const { return data_->size; }
std::size_t Node::text_bytes() const { return data_->text_bytes; }

std::string_view Node::kind_text() const {
  switch (data_->kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::scalar:
      return "a text";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "";
}

std::string Node::quoted() const {
  if (data_->substituted) return "the value";
  constexpr std::size_t limit = 60;
  return '"' + text::log_text(data_->text, limit) + '"';
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : data_->entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

void Node::append(Node item) {
  data_->size += item.size();
  data_->text_bytes += item.text_bytes();
  data_->known = data_->known && item.is_known();
  data_->items.push_back(std::move(item));
}

void Node::append(std::string key, Location key_location, Node value) {
  data_->size += value.size();
  data_->text_bytes += key.size() + value.text_bytes();
  data_->known = data_->known && value.is_known();
  data_->entries.push_back({std::move(key), key_location, std::move(value)});
}

}  // namespace pbxbridge::config
