#pragma once

#include "net/host_lookup.hpp"
#include "pbxbridge/error.hpp"
#include "sink/mqtt/mqtt_client.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// The receiving side of a connection, on its executor. After `connection_lost` the connection may be destroyed, also
/// from within the call.
class MqttConnectionObserver {
 public:
  virtual void connection_made(const BrokerLimits& limits) = 0;
  virtual void connection_lost(Error error) = 0;
  virtual void message_outcome(std::uint64_t token, Outcome outcome) = 0;
  virtual void connection_closed() = 0;

 protected:
  ~MqttConnectionObserver() = default;
};

/// The way from settings to an accepted connection, and in words why it failed or ended: wait after a takeover, read
/// secrets, resolve, connect, diagnose.
///
/// The name is resolved here first, because paho would do it under the lock that all its clients share: without TLS and
/// WebSocket paho is then given the address. With them it needs the name, which it verifies the certificate by, sends
/// as SNI and as `Host`, and has no way to be given an address beside; so it resolves once more what was resolved a
/// moment ago. A name that does not resolve, or not in time, never reaches paho.
class MqttConnection final : MqttClientObserver {
 public:
  MqttConnection(const MqttSettings& settings, std::string status_topic, boost::asio::any_io_executor executor,
                 MqttConnectionObserver& observer);

  /// Answered by `connection_made` or `connection_lost`, possibly from within the call.
  void open();
  /// See MqttClient.
  std::optional<Outcome> publish(std::uint64_t token, const Publication& publication) {
    return client_->publish(token, publication);
  }
  /// Says good-bye to the broker; answered by `connection_closed` or `connection_lost`.
  void disconnect() { client_->disconnect(std::chrono::milliseconds(0)); }

  const std::string& client_id() const { return settings_.memory->client_id(settings_.client_id); }
  /// `host:port`
  std::string broker() const { return url::authority(endpoint_); }

 private:
  void start();
  void looked_up(const Result<net::HostLookup::Addresses>& addresses);
  void connect_to(const std::string& address);
  void diagnose(const std::string& tls_error);
  void fail_at_listening_broker();
  void fail(ErrorCategory category, std::string text);
  void fail(Error error);
  std::chrono::seconds keep_alive() const;
  Error end_of_standing_connection(const ConnectionEnd& end);

  void client_connected(const BrokerLimits& limits) override;
  void client_ended(ConnectionEnd end) override;
  void client_outcome(std::uint64_t token, Outcome outcome) override;
  void client_disconnected() override;

  template <class Function>
  auto while_alive(Function function);

  const MqttSettings& settings_;
  const url::Endpoint endpoint_;
  const boost::asio::any_io_executor executor_;
  MqttConnectionObserver& observer_;
  MqttClient::Options options_;
  std::string address_;
  boost::asio::steady_timer timer_;
  std::optional<net::HostLookup> lookup_;
  bool connected_ = false;
  bool tried_twice_ = false;
  bool ended_ = false;
  std::unique_ptr<MqttClient> client_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace pbxbridge::sink
