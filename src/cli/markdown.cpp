#include "cli/markdown.hpp"

namespace pbxbridge::cli {

std::string table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

}  // namespace pbxbridge::cli
