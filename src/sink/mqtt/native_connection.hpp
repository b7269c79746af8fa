#pragma once

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "mqtt/keep_alive.hpp"
#include "mqtt/publisher.hpp"
#include "net/stream.hpp"
#include "sink/mqtt/mqtt_connection.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// A connection by pbxbridge's own client, src/mqtt, all on the io thread.
class NativeConnection final : public MqttConnection, net::StreamListener {
 public:
  NativeConnection(const MqttSettings& settings, std::string status_topic, boost::asio::any_io_executor executor,
                   MqttConnectionObserver& observer);
  ~NativeConnection() override;

  const mqtt::Connack& limits() const override { return publisher_.connack(); }
  std::size_t window() const override { return publisher_.window(); }
  std::size_t in_flight() const override { return publisher_.in_flight(); }
  void tick() override { publisher_.tick(); }
  /// Or of the request of `request_room`.
  std::uint32_t oldest_age() const override { return publisher_.oldest_age(); }
  bool has_room(unsigned qos) const override;
  void request_room(unsigned qos) override;
  void publish(std::uint64_t token, const mqtt::Publish& publish) override;
  /// See mqtt::Publisher.
  void withhold() { publisher_.withhold(); }
  void probe() override { ping(); }
  void disconnect() override;
  void abandon(Error error) override;

 private:
  enum class Phase : std::uint8_t { waiting, connecting, accepting, connected, leaving, ended };

  void start() override;
  void keep_alive();
  void ping();
  void flush();
  void gather();
  void take(const mqtt::Publisher::Incoming& incoming);
  void accepted();
  void acknowledged(const mqtt::Publisher::Incoming& incoming);
  Error failure_of(const mqtt::Publisher::Incoming& incoming) const;
  /// Sends what there is to say and ends the connection.
  void fail(Error error);
  void end(Error error);
  void close_stream();

  void on_progress(std::string phase) override { progress_ = std::move(phase); }
  void on_open() override;
  std::size_t on_bytes(std::string_view bytes) override;
  void on_written() override;
  void on_closed(const Error& error) override;

  mqtt::Publisher publisher_;
  mqtt::KeepAlive keep_alive_;
  std::chrono::milliseconds keep_alive_tick_{};
  std::shared_ptr<net::Stream> stream_;
  async::LatestTimer timer_;  // connecting: the limit; connected: the keep alive
  Phase phase_ = Phase::waiting;
  std::string progress_ = "connecting";  // the present step until it is accepted
  async::LatestTimer gathering_timer_;
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::sink
