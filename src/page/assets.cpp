#include "page/assets.hpp"

namespace pbxbridge::page {

// Made by the build (CMakeLists.txt) from the files themselves.
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view events_js;
extern const std::string_view dygraph_css;
extern const std::string_view dygraph_js;

std::optional<Asset> find_asset(std::string_view name) {
  constexpr std::string_view css = "text/css; charset=utf-8";
  constexpr std::string_view script = "text/javascript; charset=utf-8";
  if (name == "page.css") return Asset{css, page_css};
  if (name == "page.js") return Asset{script, page_js};
  if (name == "events.js") return Asset{script, events_js};
  if (name == "dygraph.css") return Asset{css, dygraph_css};
  if (name == "dygraph.js") return Asset{script, dygraph_js};
  return std::nullopt;
}

}  // namespace pbxbridge::page
