#pragma once

#include <optional>
#include <string_view>

namespace pbxbridge::page {

/// A file that the page loads, built into the program.
struct Asset {
  std::string_view content_type;
  std::string_view content;
};

/// Finds a file by its name in the page, such as `page.css`; nothing where there is none of that name.
std::optional<Asset> find_asset(std::string_view name);

}  // namespace pbxbridge::page
