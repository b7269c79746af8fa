#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/spool_access.hpp"
#include "pbxbridge/event.hpp"
#include "sink/event_line.hpp"
#include "sink/rfc3339.hpp"
#include "spool/cursor/sink_cursor.hpp"
#include "spool/store/damage.hpp"
#include "spool/store/spool_lock.hpp"
#include "text/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>
#include <string>

namespace pbxbridge::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t chunk_bytes = 4 * 1024 * 1024;

std::string json_line(const Json& json) {
  return text::for_terminal(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Json stat_of(const config::Config& config, const spool::BatchStore& store) {
  const spool::SegmentIndex& events = store.segments();
  Json json = {{"path", config.spool.path.string()},
               {"id", store.id().text()},
               {"in_use", spool::SpoolLock::is_held(config.spool.path)},
               {"events", events.events()},
               {"bytes", events.bytes()},
               {"max_size_bytes", config.spool.max_bytes()},
               {"first", sequence_text(events.first())},
               {"last", sequence_text(store.last())}};
  const auto oldest = events.oldest({});
  json["oldest"] = oldest ? Json(sink::rfc3339(*oldest)) : Json();
  json["gaps"] = store.gaps().size();
  json["pbx"] = Json::object();
  for (const auto& [pbx, mark] : store.streams())
    json["pbx"][pbx] = {{"subscribed_up_to", sink::rfc3339(mark.up_to.wall)}, {"disconnected", mark.disconnected}};
  json["sinks"] = Json::object();
  const auto letters = store.letters().counts();
  auto deferred = store.deferred();
  for (const auto& [sink, position] : store.cursors()) {
    const auto count = letters.find(sink);
    json["sinks"][sink] = {{"configured", config.sinks.contains(sink)},
                           {"position", sequence_text(position)},
                           {"events_not_acknowledged", spool::events_not_done(events, position, deferred[sink])},
                           {"dead_letters", count == letters.end() ? 0 : count->second.letters}};
  }
  return json;
}

std::string counted(const Json& number, std::string_view noun) {
  return fmt::format("{} {}{}", number.dump(), noun, number == 1 ? "" : "s");
}

std::string stat_text(const Json& json) {
  std::string text;
  for (const auto& [name, value] : json.items()) {
    if (name == "sinks" || name == "pbx") continue;
    text += fmt::format("{:16} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  for (const auto& [pbx, state] : json["pbx"].items())
    text += fmt::format("pbx {:12} subscribed up to {}{}\n", pbx, state["subscribed_up_to"].get<std::string>(),
                        state["disconnected"].get<bool>() ? ", then the connection was lost" : "");
  for (const auto& [sink, state] : json["sinks"].items())
    text +=
        fmt::format("sink {:11} {} not acknowledged, {}{}\n", sink, counted(state["events_not_acknowledged"], "event"),
                    counted(state["dead_letters"], "dead letter"),
                    state["configured"].get<bool>() ? "" : " (not in the configuration)");
  return text;
}

Json describe(const Event& event) {
  return {{"sequence", sequence_text(event.sequence())},
          {"id", event.id()},
          {"received", sink::rfc3339(event.received_at())},
          {"pbx", event.pbx()},
          {"family", to_string(event.family())},
          {"event_type", event.event_type()},
          {"entity", event.entity()},
          {"bytes", event.payload().size()}};
}

Json describe(const spool::Gap& gap) {
  return {{"reason", to_string(gap.reason)},
          {"pbx", gap.pbx},
          {"begin", sink::rfc3339(gap.begin)},
          {"end", sink::rfc3339(gap.end)},
          {"seconds", gap.seconds() ? Json(*gap.seconds()) : Json()},
          {"after", sequence_text(gap.after)},
          {"before", gap.before.value == 0 ? Json() : Json(sequence_text(gap.before))},
          {"events", gap.events == 0 ? Json() : Json(gap.events)}};
}

/// The values without their names, for people; `-` for what there is not, so that each line has all columns.
std::string in_columns(const Json& json) {
  std::string text;
  for (const auto& [name, value] : json.items()) {
    const std::string cell = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
    text += fmt::format("{}{}", text.empty() ? "" : "  ", cell.empty() ? "-" : cell);
  }
  return text::for_terminal(text) + "\n";
}

/// Asks a running process how far it has removed events from the spool of `store` by now.
Sequence removed_by_now(const config::Config& config, const spool::BatchStore& store) {
  const auto now = spool::BatchStore::open(config.spool.path, spool::BatchStore::Access::read_only);
  return (now ? **now : store).removed();
}

/// Calls `each(event)` for all events; an error where it cannot be read at all.
template <class Each>
Result<std::vector<spool::Damage>> for_each_event(const config::Config& config, const spool::BatchStore& store,
                                                  Each each) {
  std::vector<spool::Damage> damages;
  Sequence position;
  std::uint64_t events = 0;
  for (bool at_end = false; !at_end;) {
    auto chunk = store.read(position, chunk_bytes);
    if (!chunk) return chunk.error();
    damages.insert(damages.end(), chunk->damages.begin(), chunk->damages.end());
    for (const EventPtr& event : chunk->events) each(*event);
    events += chunk->events.size();
    if (!chunk->events.empty()) position = chunk->events.back()->sequence();
    at_end = chunk->at_end || chunk->events.empty();
  }
  const std::uint64_t expected = store.segments().events();
  if (events < expected || !damages.empty()) {
    const Sequence removed = removed_by_now(config, store);
    damages = spool::damaged_and_not_removed(std::move(damages), removed, store.last());
    const bool is_whole = damages.empty() && store.damages().empty();
    if (is_whole && events < expected && removed == store.removed())
      damages.push_back({position, {}, fmt::format("{} of {} events can be read", events, expected)});
  }
  damages.insert(damages.begin(), store.damages().begin(), store.damages().end());
  return damages;
}

int list(const SpoolRequest& request, const config::Config& config, const spool::BatchStore& store,
         std::ostream& output, std::ostream& errors) {
  const auto write = [&](const Json& json) { output << (request.json ? json_line(json) : in_columns(json)); };
  if (request.gaps) {
    for (const auto& [number, gap] : store.gaps()) write(describe(gap));
    return report_damages(store.damages(), errors);
  }
  const auto damages = for_each_event(config, store, [&](const Event& event) { write(describe(event)); });
  return damages ? report_damages(*damages, errors) : storage_failure(damages.error(), errors);
}

int export_events(const SpoolRequest& request, const config::Config& config, const spool::BatchStore& store,
                  std::ostream& output, std::ostream& errors) {
  ProgressBar progress("events", store.segments().events(), errors);
  const auto damages = for_each_event(config, store, [&](const Event& event) {
    if (!request.to_terminal) progress.add();  // else it would stand between the lines
    const std::string line = sink::event_line(event, Format::cloudevents_structured);
    output << (request.to_terminal ? text::for_terminal(line) : line);
  });
  progress.end();
  return damages ? report_damages(*damages, errors) : storage_failure(damages.error(), errors);
}

int verify(const SpoolRequest& request, const config::Config& config, const spool::BatchStore& store,
           std::ostream& output, std::ostream& errors) {
  std::uint64_t events = 0;
  ProgressBar progress("events", store.segments().events(), errors);
  auto damages = for_each_event(config, store, [&](const Event&) { progress.set(++events); });
  progress.end();
  if (!damages) return storage_failure(damages.error(), errors);
  const auto checked = store.letters().check("");
  // Otherwise the store has found that out when it was opened.
  if (!checked && damages->empty()) damages->push_back({{}, {}, checked.error().text});
  const spool::CheckedLetters letters = checked ? *checked : spool::CheckedLetters();
  if (request.json)
    output << json_line({{"events", events},
                         {"damages", damages->size()},
                         {"dead_letters", letters.readable},
                         {"damaged_dead_letters", letters.damaged}});
  else
    output << fmt::format("{} events and {} dead letters can be read, {} places and {} dead letters are damaged\n",
                          events, letters.readable, damages->size(), letters.damaged);
  return std::max(report_damages(*damages, errors), report_damaged_letters(letters.damaged, errors));
}

}  // namespace

int spool_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                  const SpoolRequest& request, std::ostream& output, std::ostream& errors) {
  return with_open_spool(configuration_file, sources, errors,
                         [&](const config::Config& config, const spool::BatchStore& store) {
                           switch (request.action) {
                             case SpoolRequest::Action::stat: {
                               const Json stat = stat_of(config, store);
                               output << (request.json ? json_line(stat) : stat_text(stat));
                               return report_damages(store.damages(), errors);
                             }
                             case SpoolRequest::Action::list:
                               return list(request, config, store, output, errors);
                             case SpoolRequest::Action::export_events:
                               return export_events(request, config, store, output, errors);
                             case SpoolRequest::Action::verify:
                               return verify(request, config, store, output, errors);
                           }
                           return static_cast<int>(app::exit_failure);
                         });
}

}  // namespace pbxbridge::cli
