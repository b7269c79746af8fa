#pragma once

#include "pbxbridge/error.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::admin {

/// An answer without an end: texts that are sent until the client goes. Io thread only.
class AnswerStream {
 public:
  virtual ~AnswerStream() = default;
  /// False once the client has gone.
  virtual bool is_open() const = 0;
  /// False while the client has yet to take what was sent before.
  virtual bool is_ready() const = 0;
  /// Says whether it is open and ready.
  virtual void send(std::string text) = 0;
};

/// Takes commands from the same machine over a Unix socket, a line each, and answers each with a line. Who may connect
/// is decided by the rights on the socket: its owner. A new client is always served (clients.hpp), and so is a new
/// stream. Io thread only.
class ControlSocket {
 public:
  class Client;
  /// The way back to the client. Either is called once, from within `Answer` or later, on the io thread.
  class Reply {
   public:
    explicit Reply(std::shared_ptr<Client> client) : client_(std::move(client)) {}
    void operator()(const std::string& answer) const;
    /// Returns a stream in place of one answer.
    std::shared_ptr<AnswerStream> stream() const;

   private:
    std::shared_ptr<Client> client_;
  };
  using Answer = std::function<void(std::string_view command, Reply reply)>;

  /// A socket that an earlier process has left there is replaced; one on which another listens is an error.
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

/// Sends a command and passes on each line of its answer, until `take` returns false or nobody can read what is written
/// to the file descriptor `output` any more. An error where the process ends it. Blocks.
Result<void> follow_control_socket(const std::filesystem::path& file, const std::string& command,
                                   const std::function<bool(std::string_view line)>& take, int output);

}  // namespace pbxbridge::admin
