#pragma once

#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "sink/mqtt/paho/paho_options.hpp"
#include "sink/mqtt/paho/paho_socket.hpp"
#include "sink/mqtt/paho/paho_verdict.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// One thing that the library reports.
struct PahoReport {
  enum class Kind : std::uint8_t {
    accepted,      ///< CONNACK: see `connack`
    rejected,      ///< CONNACK with `code`
    failed,        ///< no connection was made; the library does not say why
    outcome,       ///< of the message `token`, with `code` and `verdict`
    not_sent,      ///< the library did not take the message `token`: see `text`
    probed,        ///< the broker has answered
    disconnected,  ///< DISCONNECT of the broker, with `code`, `text` for its reason and `server_reference`
    dropped,       ///< the connection ended without a word
    silent,        ///< the broker did not answer a ping
    closed,        ///< the DISCONNECT is with the kernel
  };
  Kind kind = Kind::failed;
  int code = 0;
  std::uint64_t token = 0;
  PahoVerdict verdict = {};
  std::string text = {};
  std::string server_reference = {};
  std::shared_ptr<const mqtt::Connack> connack = {};
  std::shared_ptr<const PahoSocket> socket = {};  ///< with `accepted`
};

/// One client of the library, for one session. Io thread only, and never waits.
///
/// The library has two threads and one lock for all clients of the process, under which it also looks up names. So it
/// is called on a thread of this client's own, and its callbacks do nothing but hand off to `executor`.
class PahoClient {
 public:
  /// Called on `executor` with what has come meanwhile, in order; not after the client is destroyed, which may happen
  /// from within the call.
  using Take = std::function<void(std::vector<PahoReport>& reports)>;

  PahoClient(std::string uri, std::string client_id, mqtt::Version version, boost::asio::any_io_executor executor,
             Take take);
  /// Ends the session in the background. The library sends DISCONNECT where the connection still stands, so that the
  /// broker drops the will: see PahoSocket::hang_up.
  ~PahoClient();
  PahoClient(const PahoClient&) = delete;
  PahoClient& operator=(const PahoClient&) = delete;

  /// Answered by `accepted`, `rejected` or `failed`, or by nothing at all: some failures the library keeps to itself.
  void connect(PahoConnectOptions options);
  /// Answered by `outcome` or `not_sent` unless the connection ends.
  void publish(std::uint64_t token, const mqtt::Publish& publish);
  /// Asks the broker for a sign of life; answered by `probed`.
  void probe();
  /// Answered by `closed`.
  void disconnect();

 private:
  class Session;
  std::shared_ptr<Session> session_;
};

}  // namespace pbxbridge::sink
