#pragma once

#include "admin/control_socket.hpp"
#include "async/latest_timer.hpp"
#include "config/config.hpp"
#include "tap/tap_request.hpp"
#include "tap/taps.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace pbxbridge::app {

/// Serves `pbxbridge tap` on the control socket. Each listener gets what it asked for ten times a second at the most,
/// and what it does not take in time is left out and counted. While nobody listens, there is no timer. Io thread only.
class TapStreams {
 public:
  /// `taps` and `config`, the one in force, outlive this object.
  TapStreams(boost::asio::io_context& io, tap::Taps& taps, const config::Config& config)
      : taps_(taps), config_(config), timer_(io.get_executor()) {}

  /// False where the line is another command.
  bool answer(std::string_view line, const admin::ControlSocket::Reply& reply);

 private:
  struct Listener {
    std::shared_ptr<tap::Tap> tap;
    std::shared_ptr<admin::AnswerStream> stream;
  };

  void start(const tap::TapRequest& request, const admin::ControlSocket::Reply& reply);
  void send();

  tap::Taps& taps_;
  const config::Config& config_;
  async::LatestTimer timer_;
  std::vector<Listener> listeners_;
};

}  // namespace pbxbridge::app
