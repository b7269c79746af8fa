#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// The part of OData's filters that the vendor shows, and a little more: `caller eq '101' and started_at gt
/// '2022-01-01T00:00:00Z'` with eq, ne, gt, ge, lt, le, `and` before `or`, `not`, brackets, `contains(field,'text')`,
/// `startswith(field,'text')`; texts in single quotes (a quote in a text is doubled), numbers, true, false. Times in
/// RFC 3339 with the same zone order as texts do.
class Filter {
 public:
  /// Empty text: everything passes. Throws std::invalid_argument where it cannot be understood, with the place.
  explicit Filter(std::string_view text);
  ~Filter();
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;

  /// Returns whether the text was empty.
  bool passes_all() const { return root_ == nullptr; }

  /// A comparison with a field that the object does not have is never true.
  bool passes(const nlohmann::json& object) const;

  class Node;

 private:
  std::unique_ptr<Node> root_;
};

/// `started_at desc, caller`: fields to sort by, the first one counts most.
class Order {
 public:
  /// Values of an object's fields, in the order in which they count.
  using Key = std::vector<nlohmann::json>;

  /// Throws std::invalid_argument where it cannot be understood.
  explicit Order(std::string_view text);

  bool is_none() const { return fields_.empty(); }
  Key key_of(const nlohmann::json& object) const;
  bool before(const Key& left, const Key& right) const;

 private:
  struct Field {
    std::string name;
    bool descending = false;
  };
  std::vector<Field> fields_;
};

}  // namespace pbxbridge::sim
