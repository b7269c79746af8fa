#pragma once

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "net/host_lookup.hpp"
#include "net/stream.hpp"
#include "sink/mqtt/mqtt_connection.hpp"
#include "sink/mqtt/paho/paho_client.hpp"
#include "websocket/handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pbxbridge::sink {

/// A connection by Eclipse Paho's client.
///
/// The name is looked up here first, since Paho does it under the lock of all its clients: a name that does not
/// resolve, or not in time, never reaches it. Without TLS and WebSocket it is given the address. With them it needs the
/// name, and looks up once more what was looked up a moment ago.
///
/// Paho does not say why it made no connection. A stream of ours therefore tries the same first, and says why.
class PahoConnection final : public MqttConnection, net::StreamListener {
 public:
  PahoConnection(const MqttSettings& settings, std::string status_topic, boost::asio::any_io_executor executor,
                 MqttConnectionObserver& observer);
  ~PahoConnection() override;

  const mqtt::Connack& limits() const override { return limits_; }
  std::size_t window() const override;
  std::size_t in_flight() const override { return in_flight_.size() - in_flight_of_qos_0_; }
  void tick() override;
  std::uint32_t oldest_age() const override;
  bool has_room(unsigned qos) const override;
  void request_room(unsigned) override {}
  void publish(std::uint64_t token, const mqtt::Publish& publish) override;
  void probe() override { client_->probe(); }
  void disconnect() override;
  void abandon(Error error) override { end(std::move(error)); }

 private:
  enum class Phase : std::uint8_t { waiting, trying, connecting, connected, leaving, ended };

  struct InFlight {
    unsigned qos;
    std::size_t bytes;
    std::uint32_t since;  // tick
  };

  void start() override;
  void looked_up(const Result<net::HostLookup::Addresses>& addresses);
  void connect_to(const std::string& host);
  void take(std::vector<PahoReport>& reports);
  void take(PahoReport& report);
  void accepted(const PahoReport& report);
  void acknowledged(const PahoReport& report);
  void not_sent(const PahoReport& report);
  void settle(std::uint64_t token, Outcome outcome);
  void end(Error error);

  void on_progress(std::string phase) override { progress_ = std::move(phase); }
  void on_open() override;
  std::size_t on_bytes(std::string_view bytes) override { return bytes.size(); }
  void on_written() override {}
  void on_closed(const Error& error) override;

  websocket::Headers headers_;
  std::string key_password_;
  std::string host_;  // as Paho is given it
  std::optional<net::HostLookup> lookup_;
  std::shared_ptr<net::Stream> trial_;
  std::unique_ptr<PahoClient> client_;
  std::shared_ptr<const PahoSocket> socket_;  // while connected
  mqtt::Connack limits_;
  std::unordered_map<std::uint64_t, InFlight> in_flight_;  // by token, of QoS 0 until they are written
  std::size_t in_flight_of_qos_0_ = 0;
  std::size_t in_flight_of_qos_2_ = 0;
  std::size_t in_flight_bytes_ = 0;
  std::uint32_t now_ = 0;  // ticks
  Phase phase_ = Phase::waiting;
  std::string progress_;
  async::LatestTimer timer_;
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::sink
