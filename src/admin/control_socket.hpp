#pragma once

#include "pbxbridge/error.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::admin {

/// Takes commands from the same machine over a Unix socket, a line each, and answers each with a line. Who may connect
/// is decided by the rights on the socket: its owner. A new client is always served (clients.hpp). Io thread only.
class ControlSocket {
 public:
  using Reply = std::function<void(std::string answer)>;
  /// Replies once, from within the call or later, on the io thread.
  using Answer = std::function<void(std::string_view command, Reply reply)>;

  /// A socket that an earlier process has left there is replaced.
  static Result<std::unique_ptr<ControlSocket>> listen(boost::asio::io_context& io, const std::filesystem::path& file,
                                                       Answer answer);
  ~ControlSocket();

 private:
  class Listener;
  explicit ControlSocket(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

/// Sends a command to the process that listens there and waits for its answer. Blocks, for 10 s at the most.
Result<std::string> ask_control_socket(const std::filesystem::path& file, const std::string& command);

}  // namespace pbxbridge::admin
