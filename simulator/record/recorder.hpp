#pragma once

#include "config/pbx_config.hpp"
#include "pbx/dialect.hpp"
#include "pbxbridge/error.hpp"
#include "simulator/record/line_file.hpp"
#include "simulator/record/recording.hpp"
#include "websocket/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// One session with a PBX, written down as it goes: connects and verifies as pbxbridge does, authenticates, subscribes,
/// pings, and listens until either side ends it. No second attempt is made. Io thread only.
class Recorder final : websocket::StreamListener {
 public:
  struct Hooks {
    std::function<void(const std::string& line)> report;     ///< what happens, for whoever waits; no payload, no secret
    std::function<void()> authenticated;                     ///< the session begins
    std::function<void(const std::optional<Error>&)> ended;  ///< once; nothing: `stop` was called
  };

  /// `file` must outlive this object. Passwords and tokens are left out of what is written, also where the PBX repeats
  /// them.
  Recorder(boost::asio::io_context& io, config::PbxConfig config, const LineFile& file, Hooks hooks);
  ~Recorder();

  void start();
  /// Closes the connection; `ended` follows.
  void stop();
  std::size_t pushes() const { return pushes_; }
  /// Returns whether there was a session.
  bool authenticated() const { return authenticated_; }

 private:
  void on_progress(std::string phase) override { phase_ = std::move(phase); }
  void on_open() override;
  void on_text(std::string_view message, SystemTime received_at) override { received(message, received_at, false); }
  void on_binary(std::string_view message, SystemTime received_at) override { received(message, received_at, true); }
  void on_too_large(std::uint64_t size_bytes) override;
  void on_written() override {}
  void on_closed(const Error& error) override;

  void received(std::string_view message, SystemTime at, bool binary);
  void take_answer(const pbx::Answer& answer);
  void subscribe();
  void send(const std::string& message, const std::string& written);
  void write(RecordedMessage message, SystemTime at);
  void limit_attempt();
  void keep_alive();
  void end(std::optional<Error> error);

  boost::asio::io_context& io_;
  const config::PbxConfig config_;
  const LineFile& file_;
  const Hooks hooks_;
  const std::unique_ptr<pbx::Dialect> dialect_;
  boost::asio::steady_timer
      timer_;             ///< limits the attempt until the PBX has authenticated it; then until the next ping
  pbx::Secrets secrets_;  // until they are sent
  std::shared_ptr<websocket::Stream> stream_;
  std::string phase_;
  SystemTime started_{};
  std::size_t pushes_ = 0;
  std::deque<std::string> unanswered_;  ///< topics of the subscribes that the PBX has not answered, oldest first
  bool authenticated_ = false;
  bool stopping_ = false;
};

}  // namespace pbxbridge::sim
