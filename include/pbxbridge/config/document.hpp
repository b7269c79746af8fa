#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/node.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace pbxbridge::config {

// Bounds on what a configuration may be, so that no file can eat the memory, the stack or the day.
inline constexpr std::size_t max_document_bytes = 1024 * 1024;
inline constexpr int max_document_depth = 32;
inline constexpr std::size_t max_document_values = 200'000;  ///< aliases counted each time
inline constexpr std::size_t max_document_text =
    4 * max_document_bytes;  ///< bytes of keys and values after substitution, aliases counted each time

/// Parses one YAML document and substitutes its scalars. Nothing after a syntax error, which the report then holds. A
/// duplicate key is an error too, and the tree keeps the first of its values: so whoever reads on sees one value a key.
std::optional<Node> parse_document(std::string_view text, Report& report);

}  // namespace pbxbridge::config
