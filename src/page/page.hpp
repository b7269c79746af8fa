#pragma once

#include "status/snapshot.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::page {

/// The parts of the status page that change, as HTML by the id of their element. Each text from elsewhere is escaped.
std::vector<std::pair<std::string_view, std::string>> sections(const status::Snapshot& snapshot);

/// The whole page, which needs no script: with scripts off it loads itself again every few seconds, without charts and
/// live events. `configuration`: the one in force, without secrets.
std::string page(const status::Snapshot& snapshot, std::string_view configuration);

/// Text as it may stand in HTML, between tags and in a quoted attribute.
std::string escaped(std::string_view text);

}  // namespace pbxbridge::page
