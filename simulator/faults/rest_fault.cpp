#include "simulator/faults/rest_fault.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace pbxbridge::sim {

HttpAnswer spoiled(HttpAnswer answer, RestFault fault) {
  constexpr std::uint64_t records_that_are_not_there = 7;
  if (fault == RestFault::html)
    return {.status = 200,
            .body = "<!DOCTYPE html><html><title>Log in</title><body>Please log in.</body></html>",
            .content_type = "text/html; charset=utf-8"};
  if (fault != RestFault::wrong_count) return answer;
  auto page = nlohmann::json::parse(answer.body, nullptr, false);
  if (!page.is_object() || !page.contains("count")) return answer;
  page["count"] = page["count"].get<std::uint64_t>() + records_that_are_not_there;
  answer.body = page.dump();
  return answer;
}

}  // namespace pbxbridge::sim
