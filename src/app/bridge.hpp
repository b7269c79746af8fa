#pragma once

#include "app/admin_endpoint.hpp"
#include "app/configuration.hpp"
#include "app/control_commands.hpp"
#include "app/reload.hpp"
#include "app/shutdown.hpp"
#include "app/status_board.hpp"
#include "app/status_page.hpp"
#include "app/tap_streams.hpp"
#include "async/latest_timer.hpp"
#include "intake/device_announcer.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "observe/log.hpp"
#include "spool/spool.hpp"
#include "status/verdict.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::app {

/// Everything that runs, wired together: sessions → intake → spool → one loop a sink. Io thread only.
class Bridge final : private intake::PbxQuestions {
 public:
  /// Opens the spool; the error is one of the spool's.
  static Result<std::unique_ptr<Bridge>> make(boost::asio::io_context& io, Configuration configuration,
                                              observe::Log& log, std::string file);
  ~Bridge();

  /// Called once if it cannot go on.
  void set_on_failure(std::function<void()> failed) { on_failure_ = std::move(failed); }

  /// Sinks first, then the sessions, so that no event comes before there is someone to take it. The error is one of the
  /// admin endpoint; nothing runs then.
  Result<void> start();

  /// The configuration was read again and is not fit to be applied; for the status.
  void reload_rejected(std::string problem) { status_.reloaded(false, std::move(problem)); }
  /// Applies all but what needs a restart (reload_difference.hpp); not while one is under way. Calls `done` with what
  /// has changed once all that is new has started, possibly from within. An error leaves all as it was.
  Result<void> reload(Configuration configuration, std::function<void(const std::string& changes)> done);
  bool is_reloading() const { return reload_.is_under_way(); }
  /// Says after `stop` whether the disk did not take the last events in time; destroying this may then take forever.
  bool disk_is_stuck() const { return shutdown_.disk_is_stuck(); }
  /// The state of the bridge in one sentence, as /status has it.
  std::string sentence() const { return status::judge(status_.snapshot()).sentence; }
  /// Opens the sinks' files again.
  void reopen();

  /// Ends the sessions, then delivers what the spool holds, then closes the sinks, all within `shutdown_timeout`. Calls
  /// `stopped` once with the number of deliveries that were not acknowledged.
  void stop(std::function<void(std::uint64_t rest)> stopped);

 private:
  Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log,
         std::unique_ptr<metrics::Metrics> metrics, spool::Spool spool, std::string file);
  std::unique_ptr<deliver::SinkLoop> make_sink(const std::string& name);
  std::unique_ptr<pbx::Session> make_session(const std::string& name);
  void ask_for_snapshots(const std::string& pbx) override;
  void ask_for_queues(const std::string& pbx, const event::QueueNames& queues) override;
  void ask_for_list(const std::string& pbx, pbx::RestList list,
                    std::function<void(const pbx::ListedNames&)> listed) override;
  void use_routes(const std::shared_ptr<const route::Router>& router, const std::vector<std::string>& removed_sinks);
  admin::Probes probes();
  void announce_devices(const std::optional<derive::home_assistant::Installation>& installation,
                        const std::set<std::string>& sinks);
  std::uint64_t republish();
  derive::BridgeStatus own_status() const;
  void tick();
  void count_deliveries();
  void update_metrics();
  void update_route_metrics();

  boost::asio::io_context& io_;
  const std::vector<SinkType> sink_types_;
  config::Config config_;
  FileContents files_;  // contents of the files that it names
  const std::optional<config::Node> started_with_;
  observe::Log& log_;
  std::unique_ptr<metrics::Metrics> metrics_;
  std::vector<spool::TableRow> stored_rows_;  // until `start`
  const spool::Spool spool_;
  std::shared_ptr<const route::Router> router_;
  route::Router::Scratch router_scratch_;
  intake::Intake intake_;
  intake::DeviceAnnouncer devices_;
  async::LatestTimer tick_timer_;
  tap::Taps taps_;
  Sinks sinks_;
  Sessions sessions_;
  StatusBoard status_;
  StatusPage page_;
  AdminEndpoint admin_;
  TapStreams tap_streams_;
  std::unique_ptr<ControlCommands> commands_;
  Shutdown shutdown_;
  Reload reload_;
  std::function<void()> on_failure_;
};

}  // namespace pbxbridge::app
