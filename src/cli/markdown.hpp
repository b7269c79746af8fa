#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::cli {

/// `text` as it may stand in a cell of a Markdown table.
std::string table_cell(std::string_view text);

}  // namespace pbxbridge::cli
