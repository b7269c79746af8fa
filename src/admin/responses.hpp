#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace pbxbridge::admin {

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// Questions of the endpoint to the process; called on the io thread.
struct Probes {
  std::function<bool()> spool_writable;
  std::function<std::string()> metrics;
};

/// The answer to a request; pure but for the probes.
///
///   /livez    200 while the process answers
///   /readyz   200 once started, while the spool takes events in; a PBX's or a broker's trouble never takes it out, for
///             restarting pbxbridge would not fix that and would lose events
///   /metrics  Prometheus text format 0.0.4
Response respond(std::string_view method, std::string_view target, const Probes& probes);

}  // namespace pbxbridge::admin
