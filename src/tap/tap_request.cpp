#include "tap/tap_request.hpp"

#include "text/whole_number.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace pbxbridge::tap {

namespace {

using nlohmann::json;

constexpr std::string_view command = "tap ";

TapRequest request_of(const json& document) {
  TapRequest request;
  for (const json& each : document.at("fields"))
    request.fields.push_back({each.at(0).get<std::string>(), each.at(1).get<std::string>()});
  request.sinks = document.at("sinks").get<std::vector<std::string>>();
  for (const json& route : document.at("routes")) request.routes.push_back(text::whole_number(route));
  request.clear = document.at("clear").get<bool>();
  request.rate = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(text::whole_number(document.at("rate")), TapRequest::highest_rate + 1));
  return request;
}

}  // namespace

std::string to_line(const TapRequest& request) {
  json fields = json::array();
  for (const auto& [field, pattern] : request.fields) fields.push_back({field, pattern});
  const json document = {{"fields", std::move(fields)},
                         {"sinks", request.sinks},
                         {"routes", request.routes},
                         {"clear", request.clear},
                         {"rate", request.rate}};
  return std::string(command) + document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Result<TapRequest>> parse_tap_request(std::string_view line) {
  if (!line.starts_with(command)) return std::nullopt;
  const json document = json::parse(line.substr(command.size()), nullptr, false);
  try {
    TapRequest request = request_of(document);
    if (request.rate == 0 || request.rate > TapRequest::highest_rate)
      return Error{ErrorCategory::rejected,
                   fmt::format("the rate is not between 1 and {} events a second", TapRequest::highest_rate)};
    return Result<TapRequest>(std::move(request));
  } catch (const json::exception&) {
    return Error{ErrorCategory::rejected, "it is not a request for a tap that this version of pbxbridge knows"};
  }
}

}  // namespace pbxbridge::tap
