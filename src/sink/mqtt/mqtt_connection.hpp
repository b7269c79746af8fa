#pragma once

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/keep_alive.hpp"
#include "mqtt/publisher.hpp"
#include "net/stream.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/sink.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "websocket/handshake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// The receiving side of a connection, which may be destroyed from within any of these calls.
class MqttConnectionObserver {
 public:
  virtual void connection_made() = 0;
  virtual void connection_lost(Error error) = 0;
  virtual void message_outcome(std::uint64_t token, Outcome outcome) = 0;
  /// After outcomes, many with one call.
  virtual void room_made() = 0;
  /// All that was published is with the kernel.
  virtual void messages_written() = 0;
  /// After `disconnect`: the good-bye is with the kernel.
  virtual void connection_closed() = 0;
  /// The broker has answered a ping.
  virtual void ping_answered() = 0;
  /// As `SinkObserver::notice`.
  virtual void notice(std::string text) = 0;

 protected:
  ~MqttConnectionObserver() = default;
};

/// One connection to a broker: waits after a takeover, reads secrets, connects, is accepted, keeps alive, and says in
/// words why it failed or ended. Io thread only.
class MqttConnection final : net::StreamListener {
 public:
  MqttConnection(const MqttSettings& settings, std::string status_topic, boost::asio::any_io_executor executor,
                 MqttConnectionObserver& observer);
  ~MqttConnection();
  MqttConnection(const MqttConnection&) = delete;
  MqttConnection& operator=(const MqttConnection&) = delete;

  /// Answered by `connection_made` or `connection_lost`, possibly from within the call.
  void open();

  const std::string& client_id() const { return settings_.memory->client_id(settings_.client_id); }
  /// `host:port`
  std::string broker() const { return url::authority(endpoint_); }

  // From `connection_made` on:

  /// See mqtt::Publisher.
  const mqtt::Connack& limits() const { return publisher_.connack(); }
  std::size_t window() const { return publisher_.window(); }
  std::size_t in_flight() const { return publisher_.in_flight(); }
  void tick() { publisher_.tick(); }
  std::uint32_t oldest_age() const { return publisher_.oldest_age(); }
  /// Returns whether a message can be taken now; after `room_made` or `messages_written` it may be so again.
  bool has_room(unsigned qos) const;
  /// To be called where there is no room, and again while there is none.
  void request_room(unsigned qos);
  void publish(std::uint64_t token, const mqtt::Publish& publish);
  /// The connection has been of use, or may have ended for a message: then it is no other client's doing.
  void carries_messages() { carried_messages_ = true; }
  void ping();
  /// Says good-bye to the broker; answered by `connection_closed` or `connection_lost`.
  void disconnect();
  /// Ends the connection because of the broker; answered by `connection_lost` from within the call.
  void abandon(Error error);

 private:
  enum class Phase : std::uint8_t { waiting, connecting, accepting, connected, leaving, ended };

  void start();
  Result<websocket::Headers> http_headers() const;
  void keep_alive();
  void flush();
  void gather();
  void take(const mqtt::Publisher::Incoming& incoming);
  void accepted();
  void acknowledged(const mqtt::Publisher::Incoming& incoming);
  /// Sends what there is to say and ends the connection.
  void fail(Error error);
  void end(Error error);
  void close_stream();
  /// With the broker's name before the text.
  Error named(Error error) const;
  Error end_before_acceptance(const Error& error) const;
  Error no_mqtt(std::string_view reason) const;
  Error end_of_standing_connection(const Error& error);
  Error taken_over();

  void on_progress(std::string phase) override { progress_ = std::move(phase); }
  void on_open() override;
  std::size_t on_bytes(std::string_view bytes) override;
  void on_written() override;
  void on_closed(const Error& error) override;

  const MqttSettings& settings_;
  const url::Endpoint endpoint_;
  const bool uses_tls_;
  const boost::asio::any_io_executor executor_;
  MqttConnectionObserver& observer_;
  mqtt::Connect connect_;
  mqtt::Publisher publisher_;
  mqtt::KeepAlive keep_alive_;
  std::chrono::milliseconds keep_alive_tick_{};
  std::shared_ptr<net::Stream> stream_;
  async::LatestTimer timer_;  // waiting: the wait; connecting: the limit; connected: the keep alive
  Phase phase_ = Phase::waiting;
  bool carried_messages_ = false;        // other than of the status topic
  std::string progress_ = "connecting";  // the present step until it is accepted
  async::LatestTimer gathering_timer_;
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::sink
