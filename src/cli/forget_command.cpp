#include "spool/cursor/forget_command.hpp"

#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/spool_access.hpp"
#include "cli/valid_configuration.hpp"
#include "spool/cursor/sink_cursor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ostream>

namespace pbxbridge::cli {

namespace {

/// Returns the number of events that were kept for it, in a spool that nobody uses.
Result<std::uint64_t> forget_at_rest(const std::string& sink, const config::Config& config) {
  if (config.sinks.contains(sink))
    return Error{ErrorCategory::rejected, "sink " + sink + " is in the configuration; take it out first"};
  const auto store = spool::BatchStore::open(config.spool.path, spool::BatchStore::Access::write);
  if (!store) return store.error();
  const auto& cursors = (*store)->cursors();
  const auto cursor = cursors.find(sink);
  if (cursor == cursors.end()) return Error{ErrorCategory::rejected, "the spool keeps nothing for a sink " + sink};
  auto deferred = (*store)->deferred();
  const auto events = spool::events_not_done((*store)->segments(), cursor->second, deferred[sink]);
  spool::Commit commit;
  commit.forget_sink(sink);
  const auto written = (*store)->write(commit, true);
  return written ? Result<std::uint64_t>(events) : written.error();
}

}  // namespace

int forget_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                   const ForgetRequest& request, std::ostream& output, std::ostream& errors) {
  const auto configuration = load_configuration_with_spool(configuration_file, sources, errors);
  if (!configuration) return app::exit_configuration;
  const auto events = change_spool(configuration->config, spool::forget_line(request.sink),
                                   [&] { return forget_at_rest(request.sink, configuration->config); });
  if (!events)
    return failure(events.error().text,
                   events.error().category == ErrorCategory::rejected ? app::exit_failure : app::exit_storage, errors);
  if (request.json)
    output << nlohmann::ordered_json{{"sink", request.sink}, {"events_kept", *events}}.dump() << '\n';
  else
    output << fmt::format("sink {} is forgotten, and with it {} events that were kept for it\n", request.sink, *events);
  return app::exit_ok;
}

}  // namespace pbxbridge::cli
