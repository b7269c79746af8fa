#include "admin/responses.hpp"

#include <utility>

namespace pbxbridge::admin {

namespace {

constexpr const char* plain = "text/plain; charset=utf-8";

Response readiness(const Probes& probes) {
  if (probes.spool_writable()) return {200, plain, "ready\n"};
  return {503, plain, "not ready: the spool accepts no events\n"};
}

Response rejection(Access::Verdict verdict) {
  if (verdict == Access::Verdict::wrong_token)
    return {
        401,
        plain,
        "this needs the token of admin.token: Authorization: Bearer TOKEN, or the token as the password of any user\n",
        {{"WWW-Authenticate", "Basic realm=\"pbxbridge\", charset=\"UTF-8\""}}};
  return {403, plain,
          "the name in the Host header is not one of this endpoint's: use its address or localhost, or add the name to "
          "admin.hosts\n"};
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& security_headers() {
  static const std::vector<std::pair<std::string, std::string>> headers = {
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
       "'none'; "
       "frame-ancestors 'none'"}};
  return headers;
}

Response respond(const Request& request, const Access& access, const Probes& probes) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (request.method != "GET" && request.method != "HEAD")
    return {405, plain, "only GET and HEAD\n", {{"Allow", "GET, HEAD"}}};
  if (path == "/livez") return {200, plain, "alive\n"};
  if (path == "/readyz") return readiness(probes);
  if (const auto verdict = access.judge(request); verdict != Access::Verdict::allowed) return rejection(verdict);
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", probes.metrics()};
  if (path == "/status") return {200, "application/json", probes.status()};
  if (auto answer = probes.page(path)) return std::move(*answer);
  return {404, plain, "not found; there are /, /livez, /readyz, /metrics and /status\n"};
}

}  // namespace pbxbridge::admin
