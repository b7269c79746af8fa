#pragma once

#include <cstring>
#include <string_view>

namespace pbxbridge::pbx {

/// Returns where `part` begins in `frame`, or npos. memmem, because std::string_view::find stops at each quotation
/// mark, of which JSON is full.
inline std::size_t find_in_frame(std::string_view frame, std::string_view part) {
  const void* found = ::memmem(frame.data(), frame.size(), part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - frame.data());
}

}  // namespace pbxbridge::pbx
