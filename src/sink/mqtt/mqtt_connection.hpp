#pragma once

#include "async/latest_timer.hpp"
#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/error.hpp"
#include "sink/mqtt/connection_words.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// The receiving side of a connection, which may be destroyed from within any of these calls.
class MqttConnectionObserver {
 public:
  virtual void connection_made() = 0;
  virtual void connection_lost(Error error) = 0;
  virtual void message_outcome(std::uint64_t token, Outcome outcome) = 0;
  /// Called after outcomes, once for many.
  virtual void room_made() = 0;
  /// All that was published is with the kernel.
  virtual void messages_written() = 0;
  /// Called after `disconnect`: the DISCONNECT is with the kernel.
  virtual void connection_closed() = 0;
  /// The broker has answered a `probe`.
  virtual void probe_answered() = 0;
  /// Has the meaning of `SinkObserver::notice`.
  virtual void notice(std::string text) = 0;

 protected:
  ~MqttConnectionObserver() = default;
};

/// One connection to a broker, by whichever client: connects once, publishes, and says in words why it failed or ended.
/// Io thread only.
class MqttConnection {
 public:
  /// `settings` and `observer` outlive it. No will where `status_topic` is empty.
  MqttConnection(const MqttSettings& settings, std::string status_topic, boost::asio::any_io_executor executor,
                 MqttConnectionObserver& observer);
  virtual ~MqttConnection() = default;
  MqttConnection(const MqttConnection&) = delete;
  MqttConnection& operator=(const MqttConnection&) = delete;

  /// Connects, after a wait where the last session was taken over. Answered by `connection_made` or `connection_lost`,
  /// possibly from within the call.
  void open();

  const std::string& client_id() const { return words_.client_id(); }
  /// `host:port`
  const std::string& broker() const { return words_.broker(); }

  // Calls from `connection_made` on:

  /// Limits that the broker has announced.
  virtual const mqtt::Connack& limits() const = 0;
  /// The same, with what it has rejected since, here or on an earlier connection.
  unsigned maximum_qos() const;
  bool takes_retained() const;
  /// Says what the broker does not do of this, and what to change; nothing where it does.
  std::optional<std::string> beyond_service(unsigned qos, bool retain) const;
  /// The error of a broker that does not do what the sink is set to.
  std::optional<Error> unserved() const;
  /// Messages of QoS 1 and 2 that may be in flight at once.
  virtual std::size_t window() const = 0;
  virtual std::size_t in_flight() const = 0;
  /// A tick of the caller's clock, by which `oldest_age` counts.
  virtual void tick() = 0;
  /// Age of the oldest message of QoS 1 and 2 that is not acknowledged.
  virtual std::uint32_t oldest_age() const = 0;
  /// Returns whether a message can be taken now; after `room_made` or `messages_written` it may be so again.
  virtual bool has_room(unsigned qos) const = 0;
  /// Called where there is no room, and again while there is none.
  virtual void request_room(unsigned qos) = 0;
  /// Answered by `message_outcome`, or with QoS 0 by `messages_written`. There is room, and the packet is within
  /// `limits`.
  virtual void publish(std::uint64_t token, const mqtt::Publish& publish) = 0;
  /// The connection has been of use, or may have ended for a message: then it is no other client's doing.
  void carries_messages() { carried_.messages = true; }
  virtual void probe() = 0;
  /// Sends DISCONNECT to the broker; answered by `connection_closed` or `connection_lost`.
  virtual void disconnect() = 0;
  /// Ends the connection because of the broker, which then publishes the will; answered by `connection_lost` from
  /// within the call.
  virtual void abandon(Error error) = 0;

 protected:
  /// Called by `open`, once. The contents of CONNECT are complete but for the password.
  virtual void start() = 0;
  /// Reads the password into the contents of CONNECT.
  Result<void> read_password();
  void note_sent(unsigned qos) { carried_.highest_qos = std::max(carried_.highest_qos, qos); }
  /// Notes what a rejection of a message of `qos` says of the broker itself. Returns whether it says anything.
  bool note_missing_feature(int reason_code, unsigned qos);

  const MqttSettings& settings_;
  const boost::asio::any_io_executor executor_;
  MqttConnectionObserver& observer_;
  const ConnectionWords words_;
  mqtt::Connect connect_;
  Carried carried_;

 private:
  async::LatestTimer opening_timer_;
};

}  // namespace pbxbridge::sink
