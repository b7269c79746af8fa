#pragma once

#include "config/home_assistant_config.hpp"
#include "config/pbx_config.hpp"
#include "config/route_config.hpp"
#include "config/sink_config.hpp"
#include "config/spool_config.hpp"
#include "config/state_config.hpp"
#include "pbxbridge/config/node.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::config {

struct AdminConfig {
  std::string listen = "127.0.0.1:8686";  ///< empty: no admin endpoint
  Secret token;                           ///< not set: none is asked for
  bool allow_unauthenticated = false;
  std::vector<std::string> hosts;  ///< names by which it is asked, without a token
  std::filesystem::path control_socket;
  static const Schema<AdminConfig>& schema();
};

struct Config {
  std::vector<Located<std::filesystem::path>> plugins;
  std::vector<PbxConfig> pbx;
  std::map<std::string, SinkConfig> sinks;
  std::vector<RouteConfig> routes;
  SpoolConfig spool;
  StateConfig state;
  AdminConfig admin;
  std::optional<HomeAssistantConfig> home_assistant;
  Duration shutdown_timeout{10'000};
  std::optional<Node> document;  ///< the document it was read from
  /// Returns where commands such as `pbxbridge tap` reach a running bridge; empty: nowhere.
  std::filesystem::path control_socket() const;
  static const Schema<Config>& schema();
};

}  // namespace pbxbridge::config
