#pragma once

#include "config/config.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "pbxbridge/event.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx {

/// Takes what a session receives. Called on the io thread; must return quickly and never throw.
class EventReceiver {
 public:
  /// `payload` is valid for the call only.
  virtual void receive(std::string_view pbx, std::string_view payload, SystemTime received_at,
                       std::uint32_t connection_epoch) = 0;

 protected:
  ~EventReceiver() = default;
};

/// One PBX account: connects, authenticates, subscribes, receives, pings, reconnects, for ever, until stopped. Executes
/// what `SessionMachine` decides. Io thread only.
class Session {
 public:
  Session(boost::asio::io_context& io, config::PbxConfig config, EventReceiver& receiver, observe::Log& log,
          observe::PbxMetrics& metrics);
  ~Session();

  void start();

  /// Unsubscribes, closes and calls `stopped` once, within about two seconds. Events that arrive meanwhile are still
  /// handed over.
  void stop(std::function<void()> stopped);

  /// Subscribes to what is new and unsubscribes from what is gone; used by a reload.
  void update_subscriptions(std::vector<config::SubscribeConfig> subscribe);

 private:
  class Runner;
  std::shared_ptr<Runner> runner_;
};

}  // namespace pbxbridge::pbx
