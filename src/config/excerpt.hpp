#pragma once

#include "config/secret_places.hpp"
#include "pbxbridge/config/location.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// Shows places of a configuration as compilers do. What may be a secret is left out (config/secret_places.hpp).
class Excerpt {
 public:
  /// `secret_names`: keys whose values are secrets. `text` must outlive this object.
  Excerpt(std::string_view text, const std::vector<std::string_view>& secret_names);

  /// The line, and below it a caret at the column; an empty text where there is no such line.
  std::string at(Location location) const;

 private:
  std::vector<std::string> cells(std::size_t begin, std::size_t end, std::size_t position, std::size_t most,
                                 std::size_t& caret) const;
  /// Returns where the secret ends that `position` is in; `position` where it is in none.
  std::size_t end_of_hidden(std::size_t position) const;

  std::string_view text_;
  std::vector<std::size_t> lines_;  ///< where each begins
  std::vector<Span> hidden_;
};

}  // namespace pbxbridge::config
