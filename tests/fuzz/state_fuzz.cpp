// Events of a PBX, one a line, as state: whatever they hold, documents are JSON of the promised form, rows are what was
// stored. A line that begins with `+` comes of a new connection, after one with `!` something follows together with
// what follows from the next, and one with `~` lets an hour pass first.

#include "derive/state/fold.hpp"
#include "event/classifier.hpp"
#include "event/json_document.hpp"
#include "fuzz/check.hpp"
#include "pbxbridge/event.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

using pbxbridge::fuzz::check;
using namespace pbxbridge;
using namespace pbxbridge::derive::state;

namespace {

using Rows = std::map<std::string, std::string>;

config::StateConfig small_bounds() {
  config::StateConfig settings;
  settings.max_extensions = settings.max_agents = settings.max_calls = 8;
  settings.max_queues = 4;
  return settings;
}

void check_document(const Event& event) {
  const auto document = nlohmann::json::parse(event.payload(), nullptr, false);
  check(document.is_object(), "a document is a JSON object");
  check(document.value("event_type", "") == event.event_type() && event.family() == Family::state,
        "a document says its type");
  check(event.entity().size() <= 256 && !event.entity().empty(), "an entity fits a topic");
  check(document.contains("removed") == event.is_removal(), "a removal says so");
  for (const auto& [name, value] : document.items())
    check(value.is_string() || value.is_number_integer() || value.is_boolean(), "a document is flat");
}

void store(const spool::Derivation& derivation, Rows& rows) {
  for (const auto& change : derivation.changes) {
    if (change.row)
      rows[change.key] = *change.row;
    else
      rows.erase(change.key);
  }
  for (const auto& [event, cause] : derivation.events) check_document(*event);
}

void check_rows(const Fold& fold, const Rows& rows) {
  std::size_t bytes = 0;
  for (const auto& [key, row] : rows) bytes += key.size() + row.size();
  check(fold.tables().bytes() == bytes, "what is stored is what is followed");
}

void pass_time(Fold& fold, SystemTime now, Rows& rows) {
  while (fold.pass_time(now, SteadyTime(now.time_since_epoch()))) store(fold.derive(), rows);
}

std::size_t all_rows(const Fold& fold) {
  std::size_t rows = 0;
  for (std::size_t kind = 0; kind < enum_count<TableKind>; ++kind)
    rows += fold.tables().size(static_cast<TableKind>(kind));
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static event::Classifier classifier;
  const config::StateConfig settings = small_bounds();
  StateMetrics metrics;
  Fold fold(settings, WantedDocuments().set(), metrics);
  Rows rows;
  SystemTime now{std::chrono::seconds{1'764'000'000}};
  std::uint32_t epoch = 1;
  bool is_snapshot = false;
  std::vector<EventPtr> causes;  // from which nothing is derived yet
  auto rest = fuzz::text_of(data, size);
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const char first = line.empty() ? ' ' : line.front();
    if (first == '+' || first == '!' || first == '~') line.remove_prefix(1);
    if (first == '+') {
      fold.watch("hq").subscribed(true);
      ++epoch;
      is_snapshot = true;
    }
    if (first == '~') {
      pass_time(fold, now, rows);
      now += std::chrono::hours(1);
      pass_time(fold, now, rows);
    }
    const auto made = classifier.classify(line, "hq", now, epoch, is_snapshot).event;
    fold.fold(*made, classifier.document());
    causes.push_back(made);
    if (first == '!') continue;
    store(fold.derive(), rows);
    causes.clear();
    check_rows(fold, rows);
  }
  store(fold.derive(), rows);
  check(all_rows(fold) == rows.size(), "each row is stored");
  Fold again(settings, WantedDocuments().set(), metrics);
  std::vector<spool::TableRow> stored;
  for (const auto& [key, row] : rows) stored.push_back({key, row});
  again.load(stored);
  check(all_rows(again) == rows.size(), "each stored row is read");
  return 0;
}
