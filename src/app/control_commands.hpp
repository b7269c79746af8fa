#pragma once

#include "admin/control_socket.hpp"
#include "app/tap_streams.hpp"
#include "observe/log.hpp"
#include "spool/dead_letters/dead_letter_office.hpp"
#include "spool/event_log.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::app {

/// Carries out what the command line asks of a running process: to redrive dead letters, to show events, to forget a
/// sink, to send the state again. Io thread only.
class ControlCommands {
 public:
  /// Listens on `socket`. Where that fails it is logged, and commands cannot be given. `letters`, null with a spool in
  /// memory, `cursors` and `taps` outlive this object. `has_sink`: there is a sink of that name to redrive to.
  /// `republish`: sends again what brokers keep; the number of documents.
  ControlCommands(boost::asio::io_context& io, const std::filesystem::path& socket, spool::DeadLetterOffice* letters,
                  spool::EventCursors& cursors, std::function<bool(const std::string& name)> has_sink,
                  std::function<std::uint64_t()> republish, TapStreams& taps, observe::Log& log);

 private:
  void answer(std::string_view line, const admin::ControlSocket::Reply& reply);

  std::string forget(const std::string& sink) const;

  spool::DeadLetterOffice* letters_;
  spool::EventCursors& cursors_;
  const std::function<bool(const std::string&)> has_sink_;
  const std::function<std::uint64_t()> republish_;
  TapStreams& taps_;
  std::unique_ptr<admin::ControlSocket> socket_;
};

}  // namespace pbxbridge::app
