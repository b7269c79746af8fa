#include "cli/top_table.hpp"

#include "text/log_text.hpp"
#include "text/whole_number.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

namespace pbxbridge::cli {

namespace {

using nlohmann::json;

std::string number(double value) { return fmt::format(fmt::runtime(value < 10 ? "{:.2f}" : "{:.0f}"), value); }

std::string milliseconds(const json& seconds) {
  return seconds.is_null() ? "-" : number(seconds.get<double>() * 1000) + " ms";
}

std::string seconds_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  return seconds < 7200 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.0f} h", seconds / 3600);
}

/// Columns as wide as their widest cell; the first and those that are words stand left.
class Columns {
 public:
  explicit Columns(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  void append_to(std::vector<std::string>& lines) const {
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t column = 0; column < row.size(); ++column)
        line += fmt::format(fmt::runtime(column < 2 ? "{:<{}}  " : "{:>{}}  "), row[column], width_of(column));
      lines.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
    }
    lines.emplace_back();
  }

 private:
  std::size_t width_of(std::size_t column) const {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, row[column].size());
    return width;
  }

  std::vector<std::vector<std::string>> rows_;
};

std::string count(const json& value) { return std::to_string(text::whole_number(value)); }

}  // namespace

std::vector<std::string> top_table(const json& status, std::size_t width) {
  std::vector<std::string> lines = {status.at("verdict").at("sentence").get<std::string>(), ""};
  Columns pbxs({"PBX", "STATE", "EVENTS/S", "EVENTS", "CONNECTION"});
  for (const json& pbx : status.at("pbxs"))
    pbxs.add({pbx.at("name"), pbx.at("state"), number(pbx.at("events_per_second").at("over_10_seconds")),
              count(pbx.at("events")), count(pbx.at("connection_epoch"))});
  pbxs.append_to(lines);
  Columns sinks({"SINK", "STATE", "IN/S", "OUT/S", "WAIT", "OLDEST", "IN FLIGHT", "P99", "RETRIED", "DEAD LETTERS"});
  for (const json& sink : status.at("sinks")) {
    const json& rate = sink.at("deliveries_per_second");
    sinks.add({sink.at("name"), sink.at("state"), number(rate.at("in").at("over_10_seconds")),
               number(rate.at("out").at("over_10_seconds")), count(sink.at("lag").at("events")),
               seconds_text(sink.at("lag").at("seconds")), count(sink.at("in_flight")),
               milliseconds(sink.at("acknowledgement_seconds").at("p99")), count(sink.at("retried")),
               count(sink.at("dead_letters"))});
  }
  sinks.append_to(lines);
  Columns routes({"ROUTE", "MATCHES", "EVENTS"});
  for (const json& route : status.at("routes"))
    routes.add({count(route.at("number")), route.at("match"), count(route.at("events"))});
  routes.append_to(lines);
  for (std::string& line : lines) line = text::log_text(line, std::max<std::size_t>(width, 20) - 3);
  return lines;
}

}  // namespace pbxbridge::cli
