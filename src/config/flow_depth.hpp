#pragma once

#include <cstddef>
#include <string_view>

namespace pbxbridge::config {

/// Number of `{` and `[` that are open at places of a YAML text, however damaged. Quotation marks are not looked at,
/// for they may be what is wrong.
class FlowDepth {
 public:
  explicit FlowDepth(std::string_view text) : text_(text) {}

  /// Returns the number at `position`, which is never less than at the call before: so all calls together read the
  /// text once.
  std::size_t at(std::size_t position);

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace pbxbridge::config
