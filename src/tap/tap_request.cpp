#include "tap/tap_request.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::tap {

namespace {

using nlohmann::json;

constexpr std::string_view command = "tap ";

TapRequest request_of(const json& document) {
  TapRequest request;
  for (const json& each : document.at("fields"))
    request.fields.push_back({each.at(0).get<std::string>(), each.at(1).get<std::string>()});
  request.sinks = document.at("sinks").get<std::vector<std::string>>();
  request.routes = document.at("routes").get<std::vector<std::size_t>>();
  request.clear = document.at("clear").get<bool>();
  request.rate = document.at("rate").get<std::uint32_t>();
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
    return Error{ErrorCategory::rejected, "it is no request for a tap that this version of pbxbridge knows"};
  }
}

}  // namespace pbxbridge::tap
