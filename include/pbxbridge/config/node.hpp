#pragma once

// A parsed YAML document as an immutable tree of values with their places. yaml-cpp is behind document.cpp alone.

#include "pbxbridge/config/location.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// One value of the document. Cheap to copy: an alias (`*name`) is the same tree as its anchor.
class Node {
 public:
  enum class Kind : unsigned char { nothing, scalar, list, map };
  struct Entry;

  Node(Kind kind, Location location);
  /// `substituted`: came in part from the environment or a file, so it is never quoted in a message. `plain`: written
  /// without quotation marks, and not as a block.
  static Node scalar(std::string text, Location location, bool substituted, bool plain);

  /// A scalar that could not be substituted, which is reported.
  static Node unknown(Location location);

  Kind kind() const;
  bool is_scalar() const { return kind() == Kind::scalar; }
  bool is_list() const { return kind() == Kind::list; }
  bool is_map() const { return kind() == Kind::map; }
  /// A scalar without quotation marks, which YAML may take for a number or the like.
  bool is_plain() const;
  /// Neither unknown itself, nor holding what is.
  bool is_known() const;
  Location location() const;
  /// "a text", "a list", "a map" or "nothing", for messages.
  std::string_view kind_text() const;

  /// Text of a scalar, after substitution; empty otherwise.
  const std::string& text() const;
  /// The text in quotes and at most 60 bytes of it, for messages; `the value` where it was substituted.
  std::string quoted() const;

  /// Items of a list; empty otherwise.
  const std::vector<Node>& items() const;
  /// Entries of a map, in the order of the file, each key once; empty otherwise.
  const std::vector<Entry>& entries() const;
  /// The value under `key`; null where there is none.
  const Node* find(std::string_view key) const;

  /// Number of values in the tree, aliases counted each time.
  std::size_t size() const;
  /// Bytes of the texts in the tree, keys among them, aliases counted each time.
  std::size_t text_bytes() const;

  // Called by the document's builder alone, before the tree is shared.
  void append(Node item);
  void append(std::string key, Location key_location, Node value);

 private:
  struct Data;
  std::shared_ptr<Data> data_;
};

struct Node::Entry {
  std::string key;
  Location key_location;
  Node value;
};

}  // namespace pbxbridge::config
