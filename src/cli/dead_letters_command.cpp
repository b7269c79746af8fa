#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/spool_access.hpp"
#include "explain/explanation_json.hpp"
#include "pbxbridge/event.hpp"
#include "sink/json_text.hpp"
#include "sink/rfc3339.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "spool/store/spool_lock.hpp"
#include "text/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace pbxbridge::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t page = 500;

std::vector<std::string> sinks_of(const DeadLettersRequest& request, const spool::BatchStore& store) {
  if (!request.sink.empty()) return {request.sink};
  std::vector<std::string> sinks;
  for (const auto& [sink, count] : store.letters().counts())
    if (count.letters > 0) sinks.push_back(sink);
  return sinks;
}

std::uint64_t letters_of(const std::vector<std::string>& sinks, const spool::BatchStore& store) {
  std::uint64_t letters = 0;
  for (const auto& [sink, count] : store.letters().counts())
    if (std::ranges::find(sinks, sink) != sinks.end()) letters += count.letters;
  return letters;
}

Json to_json(const std::string& sink, const spool::DeadLetter& letter) {
  return {{"letter", spool::to_hex(spool::dead_letter_key(letter))},
          {"sink", sink},
          {"rejected", sink::rfc3339(letter.rejected_at)},
          {"reason", letter.reason},
          {"topic", letter.topic},
          {"key", letter.key},
          {"attempts", letter.attempts},
          {"event_id", letter.event->id()},
          {"event_type", letter.event->event_type()},
          {"received", sink::rfc3339(letter.event->received_at())},
          {"bytes", letter.event->payload().size()}};
}

void write(const Json& json, std::ostream& output) {
  output << text::for_terminal(json.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
}

void write_text(const Json& json, bool raw, std::ostream& output) {
  for (const auto& [name, value] : json.items()) {
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    output << fmt::format("{:12} {}\n", name, raw ? shown : text::for_terminal(shown));
  }
}

int list(const DeadLettersRequest& request, const spool::BatchStore& store, std::ostream& output,
         std::ostream& errors) {
  for (const std::string& sink : sinks_of(request, store)) {
    std::string after;
    for (auto letters = store.letters().list(sink, after, page); !letters.empty();
         letters = store.letters().list(sink, after, page)) {
      for (const auto& letter : letters) {
        const Json json = to_json(sink, letter);
        if (request.json)
          write(json, output);
        else
          output << fmt::format("{}  {}  {}  {}  {}\n", json["letter"].get<std::string>(), sink,
                                json["rejected"].get<std::string>(), text::for_terminal(letter.topic),
                                text::for_terminal(letter.reason));
      }
      after = spool::dead_letter_key(letters.back());
    }
  }
  const auto checked = store.letters().check(request.sink);
  return checked ? report_damaged_letters(checked->damaged, errors) : storage_failure(checked.error(), errors);
}

int no_such_letter(const DeadLettersRequest& request, std::ostream& errors) {
  errors << fmt::format("pbxbridge: error: there is no dead letter {}{}\n", request.letter,
                        request.sink.empty() ? "" : " of sink " + request.sink);
  return app::exit_failure;
}

int show(const DeadLettersRequest& request, const spool::BatchStore& store, std::ostream& output,
         std::ostream& errors) {
  const auto key = spool::from_hex(request.letter);
  bool found = false;
  for (const std::string& sink : sinks_of(request, store)) {
    const auto letter = key ? store.letters().find(sink, *key) : std::nullopt;
    if (!letter) continue;
    found = true;
    Json json = to_json(sink, *letter);
    explain::add_bytes(json, "payload", letter->event->payload());
    request.json ? write(json, output) : write_text(json, request.raw, output);
  }
  return found ? app::exit_ok : no_such_letter(request, errors);
}

Result<std::uint64_t> change_at_rest(const spool::DeadLetterCommand& command, const std::filesystem::path& directory) {
  const auto store = spool::BatchStore::open(directory, spool::BatchStore::Access::write);
  if (!store) return store.error();
  return command.action == spool::DeadLetterCommand::Action::redrive
             ? (*store)->letters().mark_for_redrive(command.sink, command.letter)
             : (*store)->letters().drop(command.sink, command.letter);
}

int change(const DeadLettersRequest& request, const config::Config& config, const std::vector<std::string>& sinks,
           std::uint64_t total, std::ostream& output, std::ostream& errors) {
  const bool redrive = request.action == DeadLettersRequest::Action::redrive;
  const auto key = spool::from_hex(request.letter);
  if (!key) return no_such_letter(request, errors);
  std::uint64_t letters = 0;
  ProgressBar progress("dead letters", total, errors);
  for (const std::string& sink : sinks) {
    // Nobody would deliver them; a named one gets an error.
    if (redrive && request.sink.empty() && !config.sinks.contains(sink)) continue;
    const spool::DeadLetterCommand command = {
        redrive ? spool::DeadLetterCommand::Action::redrive : spool::DeadLetterCommand::Action::drop, sink, *key};
    const auto count =
        change_spool(config, spool::to_line(command), [&] { return change_at_rest(command, config.spool.path); });
    if (!count) return storage_failure(count.error(), errors);
    letters += *count;
    progress.set(letters);
  }
  progress.end();
  if (letters == 0 && !request.letter.empty()) return no_such_letter(request, errors);
  if (request.json)
    write({{redrive ? "redriven" : "dropped", letters}}, output);
  else
    output << fmt::format("{} dead letters {}\n", letters,
                          !redrive                                       ? "dropped"
                          : spool::SpoolLock::is_held(config.spool.path) ? "are being delivered again"
                                                                         : "are delivered again at the next start");
  return app::exit_ok;
}

}  // namespace

int dead_letters_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                         const DeadLettersRequest& request, std::ostream& output, std::ostream& errors) {
  using Action = DeadLettersRequest::Action;
  const bool changes = request.action == Action::redrive || request.action == Action::drop;
  if (changes && request.sink.empty() && request.letter.empty() && !request.all) {
    errors << "pbxbridge: error: name a letter or a --sink, or say --all\n";
    return app::exit_usage;
  }
  config::Config used;
  std::vector<std::string> sinks;
  std::uint64_t letters = 0;
  const int read = with_open_spool(configuration_file, sources, errors,
                                   [&](const config::Config& config, const spool::BatchStore& store) {
                                     if (request.action == Action::list) return list(request, store, output, errors);
                                     if (request.action == Action::show) return show(request, store, output, errors);
                                     used = config;
                                     sinks = sinks_of(request, store);
                                     letters = letters_of(sinks, store);
                                     return static_cast<int>(app::exit_ok);
                                   });
  // Changes follow the reading, for the spool is not opened twice.
  return changes && read == app::exit_ok ? change(request, used, sinks, letters, output, errors) : read;
}

}  // namespace pbxbridge::cli
