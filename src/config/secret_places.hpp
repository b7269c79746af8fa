#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

struct Span {
  std::size_t begin;
  std::size_t end;
};

/// Finds what may be a secret in the text of a configuration, in the order of the text and without overlaps: values of
/// keys that could name one, misspelt keys among them, and what URLs hold besides a place. Whatever a damaged file
/// makes of them: rather too many than one too few. Takes time that grows with the text alone.
std::vector<Span> secret_places(std::string_view text, const std::vector<std::string_view>& secret_names);

}  // namespace pbxbridge::config
