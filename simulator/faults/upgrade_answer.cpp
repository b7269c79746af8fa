#include "simulator/faults/upgrade_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace pbxbridge::sim {

namespace {

struct Status {
  unsigned code;
  std::string_view reason;
  std::string_view header;  ///< with its line break; empty: none
};

constexpr std::array<Status, 6> statuses{{
    {301, "Moved Permanently", "Location: https://elsewhere.example/wsi\r\n"},
    {401, "Unauthorized", "WWW-Authenticate: Basic realm=\"pbx\"\r\n"},
    {403, "Forbidden", ""},
    {404, "Not Found", ""},
    {429, "Too Many Requests", ""},
    {503, "Service Unavailable", ""},
}};

}  // namespace

bool is_known_upgrade_status(unsigned status) {
  return std::ranges::find(statuses, status, &Status::code) != statuses.end();
}

std::string http_text(const UpgradeAnswer& answer) {
  const auto& status = *std::ranges::find(statuses, answer.status, &Status::code);
  const auto retry_after = answer.retry_after ? fmt::format("Retry-After: {}\r\n", *answer.retry_after) : "";
  return fmt::format("HTTP/1.1 {} {}\r\n{}{}Content-Length: 0\r\nConnection: close\r\n\r\n", status.code, status.reason,
                     status.header, retry_after);
}

}  // namespace pbxbridge::sim
