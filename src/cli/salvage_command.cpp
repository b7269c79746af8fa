#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/spool_access.hpp"
#include "cli/valid_configuration.hpp"
#include "spool/salvage/put_back.hpp"
#include "spool/store/spool_lock.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ostream>

namespace pbxbridge::cli {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const spool::salvage::PutBack& done) {
  Json files = Json::array();
  for (const auto& [name, bytes, findings] : done.salvaged.files)
    files.push_back({{"file", name},
                     {"bytes", bytes},
                     {"intact", findings.intact},
                     {"corrected", findings.corrected},
                     {"damaged", findings.damaged},
                     {"damaged_bytes", findings.damaged_bytes}});
  return {{"files", files},
          {"events_found", done.salvaged.events},
          {"events_there", done.there},
          {"events_done", done.done},
          {"events_put_back", done.put_back},
          {"redriven", done.redriven},
          {"dead_letters_put_back", done.letters}};
}

std::string to_text(const spool::salvage::PutBack& done) {
  std::string text = spool::salvage::report_of(done.salvaged);
  text += fmt::format(
      "{} events found: {} are in the spool, {} that it lacks are done with, {} wait in their places again\n",
      done.salvaged.events, done.there, done.done, done.put_back);
  for (const auto& [sink, letters] : done.redriven)
    text += fmt::format("sink {}: {} that it missed are delivered at the next start\n", sink, letters);
  return text += fmt::format("{} dead letters put back\n", done.letters);
}

}  // namespace

int salvage_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                    const SalvageRequest& request, std::ostream& output, std::ostream& errors) {
  const auto configuration = load_configuration_with_spool(configuration_file, sources, errors);
  if (!configuration) return app::exit_configuration;
  const auto& spool = configuration->config.spool;
  const auto lock = spool::SpoolLock::take(spool.path);
  if (!lock) return storage_failure(lock.error(), errors);
  route::Router::Scratch scratch;
  const auto destinations = [&](const Event& event, const std::string& sink) {
    std::vector<std::pair<std::string, std::string>> found;
    std::vector<route::Routed> routed;
    if (configuration->config.sinks.contains(sink)) configuration->router->route(event, sink, scratch, routed);
    found.reserve(routed.size());
    for (const auto& each : routed) found.emplace_back(each.topic, each.key);
    return found;
  };
  ProgressBar progress("bytes", 0, errors);
  const auto done = spool::salvage::put_back(request.directory, spool.path, destinations,
                                             [&progress](std::uint64_t bytes, std::uint64_t total) {
                                               progress.set_total(total);
                                               progress.set(bytes);
                                             });
  progress.end();
  if (!done) return storage_failure(done.error(), errors);
  output << (request.json ? to_json(*done).dump() + "\n" : to_text(*done));
  return app::exit_ok;
}

}  // namespace pbxbridge::cli
