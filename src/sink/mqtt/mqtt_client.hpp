#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "sink/mqtt/publication.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// What the broker said of itself when it accepted a connection (MQTT 5.0, 3.2.2.3); nothing where it did not say.
struct BrokerLimits {
  std::optional<std::uint32_t> receive_maximum;
  std::optional<std::uint32_t> maximum_packet_size;
  std::optional<int> maximum_qos;
  std::optional<bool> retain_available;
  std::optional<std::chrono::seconds> server_keep_alive;
};

/// Why a connection was not made or ended.
struct ConnectionEnd {
  enum class Cause : std::uint8_t {
    not_connected,  ///< TCP, TLS or WebSocket failed; `tls_error` says what OpenSSL said, where it did
    refused,        ///< CONNACK with `code`
    disconnected,   ///< DISCONNECT of the broker with `code` (MQTT 5)
    dropped,        ///< the connection broke without a word
  };
  Cause cause = Cause::dropped;
  int code = 0;
  std::string reason_string;
  std::string tls_error;
};

/// The receiving side of a client; called on its executor, and not after the client is destroyed.
class MqttClientObserver {
 public:
  virtual void client_connected(const BrokerLimits& limits) = 0;
  /// More than once it may be told of the same connection; the first one knows best.
  virtual void client_ended(ConnectionEnd end) = 0;
  virtual void client_outcome(std::uint64_t token, Outcome outcome) = 0;
  /// After `disconnect`.
  virtual void client_disconnected() = 0;

 protected:
  ~MqttClientObserver() = default;
};

/// One client of the paho library for one connection. To be used on its executor's thread only.
///
/// paho has two threads and one lock for all clients of the process; its callbacks run under the lock and so do nothing
/// but hand over to the executor.
class MqttClient {
 public:
  struct Options {
    std::string uri_host;  ///< what paho connects to: an address, or a name where TLS or WebSocket needs it
    std::string client_id;
    std::string password;
    std::string key_password;
    std::string status_topic;  ///< empty: no will
    std::chrono::seconds keep_alive{15};
  };

  MqttClient(const MqttSettings& settings, Options options, const boost::asio::any_io_executor& executor,
             MqttClientObserver& observer);
  ~MqttClient();
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  /// Answered by `client_connected` or `client_ended`. An error: not even tried.
  std::optional<Error> connect();

  /// Answered by `client_outcome` with the same token, unless the result is one already, which then says why not.
  std::optional<Outcome> publish(std::uint64_t token, const Publication& publication);

  void disconnect(std::chrono::milliseconds timeout);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Makes the library ready: its OpenSSL, and the environment without `http_proxy` and `https_proxy`, which it would
/// obey for every kind of connection. Called by each client; call it earlier, before there are threads, where that can
/// be had.
void initialize_mqtt_library();

}  // namespace pbxbridge::sink
