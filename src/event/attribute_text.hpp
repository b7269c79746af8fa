#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::event {

/// Longest text attribute of an event, in bytes; what is longer is cut. They go into headers, topics and keys, which a
/// payload must not be able to fill.
inline constexpr std::size_t attribute_size_max = 256;

/// `text` as an attribute: at most `attribute_size_max` bytes, with `_` for what a receiver may reject (see
/// text/exchangeable.hpp). Returns `text` itself where nothing has to change, else a view of `buffer`.
std::string_view attribute_text(std::string_view text, std::string& buffer);

}  // namespace pbxbridge::event
