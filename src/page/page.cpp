#include "page/page.hpp"

#include "observe/log_format.hpp"
#include "status/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <span>

namespace pbxbridge::page {

namespace {

using status::Snapshot;

std::string time_text(SystemTime time) {
  const auto at = std::chrono::time_point_cast<std::chrono::system_clock::duration>(time);
  const std::string text = observe::format_time(at);
  return fmt::format("<time datetime=\"{}\">{} {}</time>", text, text.substr(0, 10), text.substr(11, 8));
}

std::string number(double value) {
  if (value >= 100) return fmt::format("{:.0f}", value);
  return value >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{} {}", number(value), units[unit]);
}

std::string milliseconds(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{} ms", number(*seconds * 1000)) : "–";
}

std::string percentiles(const status::Percentiles& of) {
  return of.p50 || of.p99 ? fmt::format("{}, {}", milliseconds(of.p50), milliseconds(of.p99)) : "–";
}

/// Text that may hold long words, and is broken within them where a column is narrow.
std::string long_text(std::string_view text) { return fmt::format("<span class=\"text\">{}</span>", escaped(text)); }

/// State in words, so that nobody needs to see its colour.
std::string badge(std::string_view state, bool is_well) {
  return fmt::format("<span class=\"badge {}\">{}</span>", is_well ? "well" : "failing", state);
}

/// A table whose cells name their column: on a narrow screen each row becomes a list.
class Table {
 public:
  Table(std::string_view caption, std::vector<std::string_view> columns) : columns_(std::move(columns)) {
    html_ = fmt::format("<table><caption>{}</caption><thead><tr>", caption);
    for (const auto column : columns_) html_ += fmt::format("<th scope=\"col\">{}</th>", column);
    html_ += "</tr></thead><tbody>";
  }
  /// The first cell names the row. Cells are HTML.
  void add(const std::vector<std::string>& cells, std::string_view row_class = {}) {
    html_ += row_class.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", row_class);
    for (std::size_t i = 0; i < cells.size(); ++i)
      html_ += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", cells[i])
                      : fmt::format("<td data-column=\"{}\"><div>{}</div></td>", columns_[i], cells[i]);
    html_ += "</tr>";
    is_empty_ = false;
  }
  std::string html(std::string_view if_empty) && {
    if (is_empty_) return fmt::format("<p class=\"none\">{}</p>", if_empty);
    return std::move(html_) + "</tbody></table>";
  }

 private:
  std::vector<std::string_view> columns_;
  std::string html_;
  bool is_empty_ = true;
};

std::string failure_text(const std::optional<observe::Failure>& failure) {
  return failure ? fmt::format("{} {}", time_text(failure->at), long_text(failure->text)) : "–";
}

std::string verdict_html(const Snapshot& snapshot) {
  const status::Verdict verdict = status::judge(snapshot);
  std::string html =
      fmt::format("<p id=\"sentence\" class=\"{}\">{}.</p>", to_string(verdict.level), escaped(verdict.sentence));
  if (verdict.problems.size() > 1) {
    html += "<ul>";
    for (const auto& problem : std::span(verdict.problems).subspan(1))
      html += fmt::format("<li class=\"{}\">{}</li>", to_string(problem.level), escaped(problem.text));
    html += "</ul>";
  }
  return html;
}

std::string pbxs_html(const Snapshot& snapshot) {
  Table table("PBX accounts",
              {"PBX", "State", "Since", "Connection", "Events/s", "Events", "Last event", "Last failure"});
  Table subscriptions("Subscriptions", {"Topic", "PBX", "Selects", "State", "Since", "Words of the PBX"});
  for (const auto& pbx : snapshot.pbxs) {
    const auto& session = pbx.session;
    table.add({escaped(pbx.name), badge(to_string(session.state), session.state != pbx::SessionState::disconnected),
               time_text(session.since), fmt::format("{}", session.connection_epoch),
               number(pbx.received.over_10_seconds), fmt::format("{}", pbx.events),
               pbx.last_event ? time_text(*pbx.last_event) : "–", failure_text(session.last_failure)});
    for (const auto& each : session.subscriptions)
      subscriptions.add({escaped(each.topic), escaped(pbx.name), each.selector.empty() ? "all" : escaped(each.selector),
                         badge(to_string(each.state), each.state != pbx::SubscriptionState::rejected),
                         time_text(each.since), each.words.empty() ? "–" : long_text(each.words)});
  }
  return std::move(table).html("No PBX is configured.") + std::move(subscriptions).html("Nothing is subscribed to.");
}

std::string sinks_html(const Snapshot& snapshot) {
  Table table("Sinks", {"Sink", "Type", "State", "Since", "Peer", "In/s", "Out/s", "Wait", "Oldest", "In flight",
                        "Acknowledged in (p50, p99)", "Retries", "Dead letters", "Last failure"});
  for (const auto& sink : snapshot.sinks) {
    const auto& loop = sink.loop;
    table.add({escaped(sink.name), escaped(sink.type),
               badge(to_string(loop.state),
                     loop.state == deliver::SinkState::connected || loop.state == deliver::SinkState::closed),
               time_text(loop.since), loop.peer.empty() ? "–" : long_text(loop.peer), number(sink.in.over_10_seconds),
               number(sink.out.over_10_seconds), fmt::format("{}", loop.lag_events), status::duration_text(loop.lag),
               fmt::format("{}", loop.in_flight), percentiles(sink.acknowledgement), fmt::format("{}", sink.retried),
               fmt::format("{}", sink.dead_letters), failure_text(loop.last_failure)});
  }
  return std::move(table).html("No sink is configured.");
}

std::string routes_html(const Snapshot& snapshot) {
  Table table("Routes", {"Route", "Line", "Matches", "Sinks", "Events"});
  for (const auto& route : snapshot.routes) {
    std::string sinks;
    for (const auto& sink : route.sinks) sinks += (sinks.empty() ? "" : ", ") + escaped(sink);
    table.add({fmt::format("{}", route.number), fmt::format("{}", route.line), escaped(route.match), sinks,
               route.events == 0 ? "<strong>0</strong>" : fmt::format("{}", route.events)},
              route.events == 0 ? "nothing" : "");
  }
  return std::move(table).html("No route is configured.");
}

std::string spool_html(const Snapshot& snapshot) {
  const auto& spool = snapshot.spool;
  Table table("Spool", {"Spool", "Accepts events", "Events", "Size", "Oldest", "Not committed", "Commit (p50, p99)",
                        "Free on its disk"});
  table.add({spool.type == "disk" ? "on disk" : "in memory", badge(spool.writable ? "yes" : "no", spool.writable),
             fmt::format("{}", spool.events),
             fmt::format("{} of {}", bytes_text(spool.bytes), bytes_text(spool.max_bytes)),
             status::duration_text(std::chrono::seconds(spool.oldest_seconds)), fmt::format("{}", spool.queued_events),
             percentiles(spool.commit), spool.free_bytes ? bytes_text(*spool.free_bytes) : "–"});
  return std::move(table).html("");
}

std::string gaps_html(const Snapshot& snapshot) {
  Table table("The latest gaps: stretches in which events are missing",
              {"Reason", "PBX", "From", "To", "Took", "Events"});
  for (auto gap = snapshot.gaps.rbegin(); gap != snapshot.gaps.rend(); ++gap) {
    const auto seconds = gap->seconds();
    table.add({std::string(to_string(gap->reason)), gap->pbx.empty() ? "any" : escaped(gap->pbx), time_text(gap->begin),
               time_text(gap->end), seconds ? status::duration_text(std::chrono::duration<double>(*seconds)) : "–",
               gap->events == 0 ? "not known" : fmt::format("{}", gap->events)});
  }
  return std::move(table).html("No gap is recorded.");
}

std::string rejections_html(const Snapshot& snapshot) {
  Table table("The latest events that a sink has rejected", {"Event", "At", "Sink", "Type", "Reason"});
  const auto all = status::latest_rejections(snapshot.sinks);
  for (auto each = all.rbegin(); each != all.rend(); ++each)
    table.add({long_text(each->rejection->event_id), time_text(each->rejection->at), escaped(*each->sink),
               escaped(each->rejection->event_type), long_text(each->rejection->reason)});
  return std::move(table).html("No event was rejected since the start.");
}

std::string process_html(const Snapshot& snapshot) {
  const auto& process = snapshot.process;
  const auto& configuration = snapshot.configuration;
  return fmt::format(
      "<p>pbxbridge {}, started {}, {} s of CPU, {} of memory, {} of {} files open. Configuration {} <code>{}</code>, "
      "read "
      "{}. As of {}. All times are UTC.</p>",
      escaped(process.version), time_text(process.started_at), number(process.usage.cpu_seconds),
      bytes_text(process.usage.resident_bytes), process.usage.open_files, process.usage.open_files_limit,
      escaped(configuration.file), configuration.hash, time_text(configuration.loaded_at), time_text(snapshot.at));
}

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>pbxbridge</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<link rel="stylesheet" href="page.css"><link rel="stylesheet" href="dygraph.css">
<script src="dygraph.js" defer></script><script src="events.js" defer></script><script src="page.js" defer></script></head><body>
<a class="skip" href="#pbxs">To the tables</a>
<header><h1>pbxbridge</h1><p id="connection" role="status"></p></header><main>
)";

/// Sections in their order, with their headings; the first has none. Charts have a place of their own, which scripts
/// fill.
struct Place {
  std::string_view id;
  std::string_view heading;
};
constexpr Place places[] = {{"verdict", ""},
                            {"pbxs", "PBX"},
                            {"sinks", "Sinks"},
                            {"charts", "Last 15 minutes"},
                            {"events", "Live events"},
                            {"routes", "Routes"},
                            {"spool", "Spool"},
                            {"gaps", "Gaps"},
                            {"rejections", "Rejected events"},
                            {"process", "Process"},
                            {"configuration", "Configuration"}};

/// Filled by a script, and hidden without.
constexpr std::string_view live_events = R"(<form id="events-form" role="search"><label for="events-filter">Show only
with all of these words</label> <input id="events-filter" type="search" autocomplete="off" spellcheck="false">
<button id="events-pause" type="button" aria-pressed="false">Pause</button></form><p id="events-note"></p>
<table id="events-table"><caption>The latest first; numbers are masked</caption><thead><tr><th scope="col">Event</th>
<th scope="col">At</th><th scope="col">PBX</th><th scope="col">Entity</th><th scope="col">Sinks</th></tr></thead>
<tbody></tbody></table>)";

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char character : text) {
    switch (character) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += character;
    }
  }
  return html;
}

std::vector<std::pair<std::string_view, std::string>> sections(const Snapshot& snapshot) {
  return {{"verdict", verdict_html(snapshot)},       {"pbxs", pbxs_html(snapshot)},
          {"sinks", sinks_html(snapshot)},           {"routes", routes_html(snapshot)},
          {"spool", spool_html(snapshot)},           {"gaps", gaps_html(snapshot)},
          {"rejections", rejections_html(snapshot)}, {"process", process_html(snapshot)}};
}

std::string page(const Snapshot& snapshot, std::string_view configuration) {
  const auto parts = sections(snapshot);
  std::string html(head);
  for (const Place& place : places) {
    const auto part = std::ranges::find(parts, place.id, &std::pair<std::string_view, std::string>::first);
    html += fmt::format("<section aria-label=\"{0}\"{1}{2}>", place.heading.empty() ? "Summary" : place.heading,
                        place.id == "charts" ? " class=\"charts\"" : "",
                        place.id == "charts" || place.id == "events" ? " hidden" : "");
    if (!place.heading.empty()) html += fmt::format("<h2>{}</h2>", place.heading);
    html += fmt::format("<div id=\"{}\"{}>", place.id, place.id == "verdict" ? " role=\"status\"" : "");
    if (part != parts.end())
      html += part->second;
    else if (place.id == "events")
      html += live_events;
    else if (place.id == "configuration")
      html += fmt::format(
          "<details><summary>As it is in force, without secrets</summary><pre tabindex=\"0\" "
          "data-hash=\"{}\">{}</pre></details>",
          escaped(snapshot.configuration.hash), escaped(configuration));
    html += "</div></section>\n";
  }
  return html + "</main></body></html>\n";
}

}  // namespace pbxbridge::page
