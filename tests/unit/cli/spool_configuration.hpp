#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

namespace pbxbridge::cli {

/// Writes a configuration with a spool at `spool`, and these sinks and routes.
inline void write_configuration(const std::filesystem::path& file, const std::filesystem::path& spool,
                                std::string_view sinks_and_routes) {
  std::ofstream(file) << "pbx:\n"
                         "  - name: hq\n"
                         "    url: wss://pbx.example.com:8887/wsi\n"
                         "    auth: { username: bridge, password: open-sesame }\n"
                         "    subscribe: [{ topic: cdr_events }]\n"
                         "spool: { path: "
                      << spool.string() << " }\n"
                      << sinks_and_routes;
}

}  // namespace pbxbridge::cli
