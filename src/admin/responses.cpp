#include "admin/responses.hpp"

namespace pbxbridge::admin {

namespace {

Response readiness(const Probes& probes) {
  if (probes.spool_writable()) return {200, "text/plain; charset=utf-8", "ready\n"};
  return {503, "text/plain; charset=utf-8", "not ready: the spool takes no events\n"};
}

}  // namespace

Response respond(std::string_view method, std::string_view target, const Probes& probes) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path != "/livez" && path != "/readyz" && path != "/metrics")
    return {404, "text/plain; charset=utf-8", "not found; there are /livez, /readyz and /metrics\n"};
  if (method != "GET" && method != "HEAD") return {405, "text/plain; charset=utf-8", "only GET and HEAD\n"};
  if (path == "/livez") return {200, "text/plain; charset=utf-8", "alive\n"};
  if (path == "/readyz") return readiness(probes);
  return {200, "text/plain; version=0.0.4; charset=utf-8", probes.metrics()};
}

}  // namespace pbxbridge::admin
