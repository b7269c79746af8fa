#include "sink/mqtt/native_connection.hpp"

#include "sink/mqtt/broker_stream.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

namespace pbxbridge::sink {
namespace {

using Incoming = mqtt::Publisher::Incoming;

/// Bytes that wait here rather than in the kernel only make the process larger.
constexpr std::size_t unwritten_limit = 1024 * 1024;

/// Brokers write each acknowledgement by itself. With so many messages in flight nobody waits for the next one: then a
/// quarter of them is read at once, not each with a wake-up of its own, which costs the broker as much as the message.
constexpr std::size_t plenty_in_flight = 64;
constexpr std::size_t bytes_per_message = 1;  // a quarter of the shortest acknowledgement
/// A broker that leaves the rest for later has what it did acknowledge read after this time.
constexpr std::chrono::milliseconds longest_gathering{10};

}  // namespace

NativeConnection::NativeConnection(const MqttSettings& settings, std::string status_topic,
                                   boost::asio::any_io_executor executor, MqttConnectionObserver& observer)
    : MqttConnection(settings, std::move(status_topic), std::move(executor), observer),
      publisher_(settings.version, static_cast<std::uint16_t>(settings.window()),
                 settings.memory->packet_identifiers(settings.client_id)),
      timer_(executor_),
      gathering_timer_(executor_) {}

NativeConnection::~NativeConnection() {
  if (stream_) stream_->abort();
}

// Connecting

void NativeConnection::start() {
  phase_ = Phase::connecting;
  if (const auto read = read_password(); !read) return fail(read.error());
  auto headers = http_headers(settings_.websocket);
  if (!headers) return fail(headers.error());
  timer_.after(settings_.connect_timeout, [this] { fail(words_.no_connection_in_time(progress_)); });
  stream_ = open_broker_stream(executor_, settings_, std::move(*headers), *this);
}

void NativeConnection::on_open() {
  phase_ = Phase::accepting;
  progress_ = "waiting for the broker's answer";
  publisher_.connect(connect_);
  flush();
}

void NativeConnection::accepted() {
  phase_ = Phase::connected;
  settings_.memory->connected(SessionMemory::Clock::now());
  // The broker's is the one that holds (MQTT 5.0, 3.1.2.10). Where it wants none, we still ask for signs of life.
  const std::uint16_t servers = limits().server_keep_alive.value_or(0);
  const std::uint16_t seconds = servers == 0 ? connect_.keep_alive : servers;
  keep_alive_tick_ = std::chrono::milliseconds(1000 * seconds / mqtt::KeepAlive::ticks);
  keep_alive();
  observer_.connection_made();
}

// Connected

void NativeConnection::keep_alive() {
  timer_.after(keep_alive_tick_, [this] {
    switch (keep_alive_.tick()) {
      case mqtt::KeepAlive::Due::lost:
        return abandon(
            words_.no_ping_answer(std::chrono::ceil<std::chrono::seconds>(keep_alive_tick_ * mqtt::KeepAlive::ticks)));
      case mqtt::KeepAlive::Due::ping:
        ping();
        break;
      case mqtt::KeepAlive::Due::nothing:
        break;
    }
    keep_alive();
  });
}

bool NativeConnection::has_room(unsigned qos) const {
  return phase_ == Phase::connected && publisher_.has_room(qos) && stream_->unwritten() < unwritten_limit;
}

void NativeConnection::request_room(unsigned qos) {
  if (phase_ != Phase::connected) return;
  publisher_.request_room(qos);
  flush();
}

void NativeConnection::publish(std::uint64_t token, const mqtt::Publish& publish) {
  publisher_.publish(token, publish);
  note_sent(publish.qos);
  keep_alive_.sent();
  flush();
}

void NativeConnection::ping() {
  publisher_.ping();
  keep_alive_.sent();
  flush();
}

void NativeConnection::disconnect() {
  phase_ = Phase::leaving;
  publisher_.disconnect();
  flush();
}

void NativeConnection::flush() {
  std::string& output = publisher_.output();
  if (output.empty()) return;
  stream_->write(output);
  output.clear();
}

std::size_t NativeConnection::on_bytes(std::string_view bytes) {
  const std::uint64_t packets = publisher_.packets();
  std::string_view rest = bytes;
  const auto watch = lifetime_.watch();
  const auto has_ended = [&] { return watch.is_over() || phase_ == Phase::ended; };
  while (true) {
    const Incoming incoming = publisher_.next(rest);
    if (incoming.kind == Incoming::Kind::nothing) break;
    take(incoming);
    if (has_ended()) return bytes.size();
  }
  if (publisher_.packets() != packets) keep_alive_.heard();
  observer_.room_made();
  if (has_ended()) return bytes.size();
  flush();
  gather();
  return bytes.size() - rest.size();
}

void NativeConnection::gather() {
  if (publisher_.in_flight() < plenty_in_flight) {
    gathering_timer_.cancel();
    return stream_->gather(1);
  }
  stream_->gather(bytes_per_message * std::bit_floor(publisher_.in_flight()));
  gathering_timer_.after(longest_gathering, [this] {
    if (phase_ != Phase::ended) stream_->gather(1);
  });
}

void NativeConnection::take(const Incoming& incoming) {
  switch (incoming.kind) {
    case Incoming::Kind::acknowledged:
      return acknowledged(incoming);
    case Incoming::Kind::pong:
      return observer_.probe_answered();
    case Incoming::Kind::accepted:
      return accepted();
    case Incoming::Kind::rejected:
      return fail(words_.rejected(incoming.reason_code, {limits().reason_string, limits().server_reference}));
    case Incoming::Kind::disconnected:
      note_missing_feature(incoming.reason_code, carried_.highest_qos);
      return fail(unserved().value_or(
          words_.disconnected(incoming.reason_code, {incoming.reason_string, incoming.detail}, carried_)));
    case Incoming::Kind::failed:
      return fail(failure_of(incoming));
    case Incoming::Kind::nothing:
      return;
  }
}

Error NativeConnection::failure_of(const Incoming& incoming) const {
  // A peer that says Session Present is a broker.
  if (phase_ != Phase::accepting || limits().session_present) return words_.breaks_protocol(incoming.detail);
  switch (incoming.peer) {
    case Incoming::Peer::broker:
      return words_.malformed_acceptance(incoming.detail);
    case Incoming::Peer::http_server:
      return words_.speaks_http();
    case Incoming::Peer::unknown:
      break;
  }
  return words_.no_mqtt(incoming.detail);
}

void NativeConnection::acknowledged(const Incoming& incoming) {
  if (incoming.is_downgraded && settings_.memory->first_downgrade()) observer_.notice(words_.downgrades());
  if (incoming.qos == 2 && incoming.reason_code < mqtt::reason::first_failure) settings_.memory->took_qos_2();
  if (note_missing_feature(incoming.reason_code, incoming.qos))
    if (auto error = unserved()) return abandon(std::move(*error));
  observer_.message_outcome(incoming.token, publish_outcome(incoming.reason_code, incoming.reason_string));
}

void NativeConnection::on_written() {
  if (phase_ == Phase::leaving) {
    phase_ = Phase::ended;
    timer_.cancel();
    close_stream();
    return observer_.connection_closed();
  }
  if (phase_ == Phase::connected) observer_.messages_written();
}

// The end

void NativeConnection::on_closed(const Error& error) {
  if (phase_ == Phase::ended) return;
  if (phase_ == Phase::connecting) return end(words_.no_connection(error));
  if (phase_ == Phase::accepting) return end(words_.ended_before_acceptance(error));
  end(words_.ended(error, carried_));
}

void NativeConnection::abandon(Error error) {
  // No reason code of a client's fits a silent broker (MQTT 5.0, 3.14.2.1). This one has it publish the will.
  if (phase_ == Phase::connected) publisher_.disconnect(mqtt::reason::unspecified_error);
  fail(std::move(error));
}

void NativeConnection::fail(Error error) {
  if (phase_ == Phase::ended) return;
  if (stream_) {
    flush();
    close_stream();
  }
  end(std::move(error));
}

void NativeConnection::end(Error error) {
  if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
  timer_.cancel();
  if (stream_) stream_->abort();
  observer_.connection_lost(std::move(error));
}

/// It lives on until all is sent, longer than this object.
void NativeConnection::close_stream() { std::exchange(stream_, nullptr)->close(); }

}  // namespace pbxbridge::sink
