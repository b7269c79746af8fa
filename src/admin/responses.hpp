#pragma once

#include "admin/access.hpp"
#include "admin/feed.hpp"
#include "admin/request.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::admin {

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< besides those that every answer has
  std::shared_ptr<Feed> feed = nullptr;  ///< not null: its pieces are the body, until the client goes
};

/// Questions of the endpoint to the process; called on the io thread.
struct Probes {
  std::function<bool()> spool_writable;
  std::function<std::string()> metrics;
  std::function<std::string()> status;  ///< JSON
  /// Answers to the paths of the status page; nothing where it is none of them.
  std::function<std::optional<Response>(std::string_view path)> page;
};

/// Headers of every answer: a browser runs nothing of it but what the same address serves, shows it in no frame, keeps
/// and passes on nothing.
const std::vector<std::pair<std::string, std::string>>& security_headers();

/// The answer to a request; pure but for the probes. `access` decides on all but the first two, which tell nothing.
///
///   /livez    200 while the process answers
///   /readyz   200 once started, while the spool takes events in; a PBX's or a broker's trouble never takes it out, for
///             restarting pbxbridge would not fix that and would lose events
///   /metrics  Prometheus text format 0.0.4
///   /status   JSON, docs/schemas/status.schema.json
///   /         the status page, with what it loads
Response respond(const Request& request, const Access& access, const Probes& probes);

}  // namespace pbxbridge::admin
