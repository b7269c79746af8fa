#include "page/feed_text.hpp"

#include "page/page.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pbxbridge::page {

namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// Four digits are all that a chart shows.
double rounded(double value) {
  if (value <= 0) return 0;
  const double scale = std::pow(10, 3 - std::floor(std::log10(value)));
  return std::round(value * scale) / scale;
}

/// JSON has no line breaks of its own, so that one line holds all of it.
std::string event(std::string_view name, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

}  // namespace

std::string events_event(std::uint64_t number, const std::string& lines) {
  std::string moments = lines;
  if (moments.ends_with('\n')) moments.pop_back();
  std::ranges::replace(moments, '\n', ',');
  return event("events", fmt::format("{{\"number\":{},\"moments\":[{}]}}", number, moments));
}

void ChartHistory::add(SystemTime at, const std::vector<status::ChartPoint>& sinks) {
  ordered_json values = ordered_json::object();
  for (const auto& point : sinks)
    values[point.sink] = {rounded(point.out_per_second), point.lag_events,
                          rounded(point.acknowledgement_p99.value_or(0) * 1000)};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
  points_.push_back(text_of({{"at", seconds}, {"sinks", std::move(values)}}));
  while (points_.size() > most_points) points_.pop_front();
}

std::string ChartHistory::history_event() const {
  return event("history", fmt::format("[{}]", fmt::join(points_, ",")));
}

std::string ChartHistory::status_event(const status::Snapshot& snapshot) const {
  ordered_json html = ordered_json::object();
  for (const auto& [id, part] : sections(snapshot)) html[std::string(id)] = part;
  return event("status",
               fmt::format("{{\"configuration\":\"{}\",\"sections\":{},\"point\":{}}}", snapshot.configuration.hash,
                           text_of(html), points_.empty() ? "{\"at\":0,\"sinks\":{}}" : points_.back()));
}

}  // namespace pbxbridge::page
