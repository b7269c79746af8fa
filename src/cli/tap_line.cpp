#include "cli/tap_line.hpp"

#include "cli/terminal.hpp"
#include "text/printable.hpp"
#include "text/whole_number.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>

namespace pbxbridge::cli {

namespace {

using nlohmann::json;

Colour colour_of_moment(const std::string& moment) {
  if (moment == "delivered") return Colour::green;
  if (moment == "retry") return Colour::yellow;
  return moment == "accepted" ? Colour::plain : Colour::red;
}

/// `2025-11-24T16:01:08.123Z`: whoever watches knows the day.
std::string time_of_day(const json& at) {
  const auto text = at.get<std::string>();
  return text.size() < 23 ? text : text.substr(11, 12);
}

std::string topic_of(const json& way) {
  std::string text = way.value("topic", "");
  if (way.contains("key")) text += " [" + way["key"].get<std::string>() + "]";
  return text;
}

std::string way_text(const json& way) {
  const std::string topic = topic_of(way);
  return way.at("sink").get<std::string>() + (topic.empty() ? "" : " " + topic);
}

std::string ways_text(const json& destinations) {
  std::string text;
  for (const json& way : destinations) text += (text.empty() ? "-> " : ", ") + way_text(way);
  return text.empty() ? "no route takes it" : text;
}

std::string end_text(const json& moment) {
  std::string text = fmt::format("{}  {:.1f} ms", way_text(moment), moment.at("seconds").get<double>() * 1000);
  if (moment.contains("reason")) text += ": " + moment["reason"].get<std::string>();
  return text;
}

}  // namespace

std::string tap_line(const json& moment, bool in_colour) {
  const auto name = moment.at("moment").get<std::string>();
  const std::string column = text::for_terminal(fmt::format("{:11}", name));
  const std::string entity =
      moment.contains("entity")
          ? fmt::format("{} {}", moment.at("entity_kind").get<std::string>(), moment["entity"].get<std::string>())
          : "-";
  const std::string rest = fmt::format("{}  {:24}  {:16}  {}", moment.at("pbx").get<std::string>(),
                                       moment.at("event_type").get<std::string>(), entity,
                                       name == "accepted" ? ways_text(moment.at("destinations")) : end_text(moment));
  return fmt::format("{}  {}  {}", text::for_terminal(time_of_day(moment.at("at"))),
                     in_colour ? coloured(column, colour_of_moment(name)) : column, text::for_terminal(rest));
}

std::string tap_notice(const json& moment) {
  const auto name = moment.at("moment").get<std::string>();
  std::string text;
  if (name == "listening")
    for (const json& warning : moment.at("warnings"))
      text += fmt::format("{}warning: {}", text.empty() ? "" : "\n", warning.get<std::string>());
  if (name != "left_out") return text;
  const auto add = [&](const char* field, std::string_view words) {
    if (const auto count = text::whole_number(moment.at(field)); count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "left out: " : ", ", count, words);
  };
  add("over_rate", "events above the rate");
  add("not_looked_at", "events that there was no time to look at");
  add("reader_too_slow", "lines that were not read in time");
  return text;
}

}  // namespace pbxbridge::cli
