#pragma once

#include "app/notify_socket.hpp"
#include "async/latest_timer.hpp"
#include "observe/log.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace pbxbridge::app {

/// Tells the service manager that started this process how it is: ready, reloading, stopping, and each second one
/// sentence and a sign of life. Does nothing where no manager listens (no $NOTIFY_SOCKET). A manager that does not read
/// delays nothing: what it has missed is sent again a second later. Io thread only.
class ServiceNotifier {
 public:
  /// `sentence`: how the running process is.
  ServiceNotifier(boost::asio::io_context& io, observe::Log& log, std::function<std::string()> sentence);

  /// All is started, or a reload is over; the sentence says how.
  void ready();
  void reloading();
  /// The end may take as long as `limit`.
  void stopping(std::chrono::milliseconds limit);

 private:
  void look();
  void tell();

  const std::optional<NotifySocket> socket_;
  const std::chrono::microseconds watchdog_;  // zero: the manager wants no sign of life
  std::function<std::string()> sentence_;
  std::string state_;  // assignments that the manager has yet to take; the latest alone counts
  std::string told_;   // sentence that it has
  async::LatestTimer timer_;
};

}  // namespace pbxbridge::app
