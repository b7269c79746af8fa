#include "sink/mqtt/mqtt_connection.hpp"

#include "sink/mqtt/mqtt_outcomes.hpp"
#include "sink/mqtt/websocket_stream.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
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

long long whole_seconds(SessionMemory::Clock::duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

net::StreamSettings stream_settings(const MqttSettings& settings, const url::Endpoint& endpoint) {
  return {.host = endpoint.host,
          .port = endpoint.port,
          .uses_tls = settings.uses_tls(),
          .tls = settings.tls,
          .connect_timeout = settings.connect_timeout,
          .stall_limit = settings.ack_timeout};
}

std::uint32_t whole_seconds_of(const std::optional<config::Duration>& duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration.value_or(config::Duration::zero())).count();
  return static_cast<std::uint32_t>(
      std::min<std::chrono::seconds::rep>(seconds, std::numeric_limits<std::uint32_t>::max()));
}

/// Anything else would end the line, and begin another header.
bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace

MqttConnection::MqttConnection(const MqttSettings& settings, std::string status_topic,
                               boost::asio::any_io_executor executor, MqttConnectionObserver& observer)
    : settings_(settings),
      endpoint_(settings.endpoint()),
      uses_tls_(settings.uses_tls()),
      executor_(std::move(executor)),
      observer_(observer),
      publisher_(settings.version, static_cast<std::uint16_t>(settings.window()),
                 settings.memory->packet_identifiers(settings.client_id)),
      timer_(executor_),
      gathering_timer_(executor_) {
  connect_.client_identifier = client_id();
  connect_.clean_start = settings_.clean_start;
  connect_.keep_alive =
      static_cast<std::uint16_t>(std::chrono::ceil<std::chrono::seconds>(settings_.keep_alive).count());
  connect_.maximum_packet_size = mqtt::Publisher::largest_incoming;
  connect_.session_expiry_interval = whole_seconds_of(settings_.session_expiry);
  if (!status_topic.empty())
    connect_.will = mqtt::Will{.topic = std::move(status_topic),
                               .payload = "offline",
                               .qos = 1,
                               .retain = true,
                               .delay_interval = whole_seconds_of(settings_.will_delay)};
  if (!settings_.username.empty()) connect_.user_name = settings_.username;
}

MqttConnection::~MqttConnection() {
  if (stream_) stream_->abort();
}

// Connecting

void MqttConnection::open() {
  const auto wait = settings_.memory->wait(SessionMemory::Clock::now());
  if (wait == SessionMemory::Clock::duration::zero()) return start();
  timer_.after(wait, [this] { start(); });
}

void MqttConnection::start() {
  phase_ = Phase::connecting;
  if (settings_.password.is_set()) {
    auto password = settings_.password.read();
    if (!password) return fail(password.error());
    if (password->size() > mqtt::largest_string)
      return fail({ErrorCategory::configuration, "the password is longer than the 65,535 bytes that MQTT allows"});
    connect_.password = std::move(*password);
  }
  auto headers = http_headers();
  if (!headers) return fail(headers.error());
  timer_.after(settings_.connect_timeout, [this] {
    fail({ErrorCategory::network, fmt::format("no connection to {} within {} ms: it was still {}", broker(),
                                              settings_.connect_timeout.count(), progress_)});
  });
  auto settings = stream_settings(settings_, endpoint_);
  stream_ = settings_.uses_websocket()
                ? open_websocket_stream(executor_, std::move(settings), endpoint_, std::move(*headers), *this)
                : net::open_stream(executor_, std::move(settings), *this);
}

Result<websocket::Headers> MqttConnection::http_headers() const {
  websocket::Headers headers;
  for (const auto& [name, secret] : settings_.websocket.headers) {
    auto value = secret.read();
    if (!value) return value.error();
    if (!is_header_value(*value))
      return Error{ErrorCategory::configuration,
                   fmt::format("the value of websocket.headers {} has a character that HTTP does not allow", name)};
    // A broker may repeat it without the scheme before it ("Bearer").
    if (const auto space = value->find(' '); space != std::string::npos)
      text::remember_secret(std::string_view(*value).substr(space + 1));
    headers.emplace_back(name, std::move(*value));
  }
  return headers;
}

void MqttConnection::on_open() {
  phase_ = Phase::accepting;
  progress_ = "waiting for the broker's answer";
  publisher_.connect(connect_);
  flush();
}

void MqttConnection::accepted() {
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

void MqttConnection::keep_alive() {
  timer_.after(keep_alive_tick_, [this] {
    switch (keep_alive_.tick()) {
      case mqtt::KeepAlive::Due::lost: {
        const auto silence = std::chrono::ceil<std::chrono::seconds>(keep_alive_tick_ * mqtt::KeepAlive::ticks);
        return abandon(
            {ErrorCategory::network, fmt::format("the connection to {} broke: it has not answered a ping for {} s",
                                                 broker(), silence.count())});
      }
      case mqtt::KeepAlive::Due::ping:
        ping();
        break;
      case mqtt::KeepAlive::Due::nothing:
        break;
    }
    keep_alive();
  });
}

bool MqttConnection::has_room(unsigned qos) const {
  return phase_ == Phase::connected && publisher_.has_room(qos) && stream_->unwritten() < unwritten_limit;
}

void MqttConnection::request_room(unsigned qos) {
  if (phase_ != Phase::connected) return;
  publisher_.request_room(qos);
  flush();
}

void MqttConnection::publish(std::uint64_t token, const mqtt::Publish& publish) {
  publisher_.publish(token, publish);
  keep_alive_.sent();
  flush();
}

void MqttConnection::ping() {
  publisher_.ping();
  keep_alive_.sent();
  flush();
}

void MqttConnection::disconnect() {
  phase_ = Phase::leaving;
  publisher_.disconnect();
  flush();
}

void MqttConnection::flush() {
  std::string& output = publisher_.output();
  if (output.empty()) return;
  stream_->write(output);
  output.clear();
}

std::size_t MqttConnection::on_bytes(std::string_view bytes) {
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

void MqttConnection::gather() {
  if (publisher_.in_flight() < plenty_in_flight) {
    gathering_timer_.cancel();
    return stream_->gather(1);
  }
  stream_->gather(bytes_per_message * std::bit_floor(publisher_.in_flight()));
  gathering_timer_.after(longest_gathering, [this] {
    if (phase_ != Phase::ended) stream_->gather(1);
  });
}

void MqttConnection::take(const Incoming& incoming) {
  switch (incoming.kind) {
    case Incoming::Kind::acknowledged:
      return acknowledged(incoming);
    case Incoming::Kind::pong:
      return observer_.ping_answered();
    case Incoming::Kind::accepted:
      return accepted();
    case Incoming::Kind::rejected:
      return fail(named(connect_rejection(incoming.reason_code, {limits().reason_string, limits().server_reference})));
    case Incoming::Kind::disconnected:
      if (settings_.version == mqtt::Version::v3_1_1 && incoming.reason_code == mqtt::reason::success)
        return fail(end_of_standing_connection({.category = ErrorCategory::network,
                                                .text = "it sent DISCONNECT, which has no reason in MQTT 3.1.1",
                                                .hung_up_at = std::chrono::steady_clock::now()}));
      if (incoming.reason_code == mqtt::reason::session_taken_over) return fail(named(taken_over()));
      return fail(named(disconnect_reason(incoming.reason_code, {incoming.reason_string, incoming.detail})));
    case Incoming::Kind::failed:
      // A peer that says Session Present is a broker.
      if (phase_ == Phase::accepting && !limits().session_present) return fail(no_mqtt(incoming.detail));
      return fail({ErrorCategory::network, fmt::format("{} does not keep to MQTT: {}", broker(), incoming.detail)});
    case Incoming::Kind::nothing:
      return;
  }
}

void MqttConnection::acknowledged(const Incoming& incoming) {
  if (incoming.is_downgraded && settings_.memory->first_downgrade())
    observer_.notice(
        fmt::format("{} acknowledges messages of QoS 2 as if they were of QoS 1; they count as delivered, and "
                    "may arrive twice after a lost connection (qos: 1 asks for no more than that)",
                    broker()));
  observer_.message_outcome(incoming.token, publish_outcome(incoming.reason_code, incoming.reason_string));
}

void MqttConnection::on_written() {
  if (phase_ == Phase::leaving) {
    phase_ = Phase::ended;
    timer_.cancel();
    close_stream();
    return observer_.connection_closed();
  }
  if (phase_ == Phase::connected) observer_.messages_written();
}

// The end

void MqttConnection::on_closed(const Error& error) {
  if (phase_ == Phase::ended) return;
  end(phase_ < Phase::connected ? end_before_acceptance(error) : end_of_standing_connection(error));
}

Error MqttConnection::end_before_acceptance(const Error& error) const {
  if (phase_ == Phase::connecting)
    return {.category = error.category,
            .text = fmt::format("no connection to {}: {}", broker(), error.text),
            .wait = error.wait,
            .account_rejected = error.account_rejected};
  if (!uses_tls_) return no_mqtt(error.text);
  // With TLS 1.3 a client certificate is rejected after the handshake.
  return {error.category,
          fmt::format("{} ended the connection before it answered: {}; perhaps it wants a client certificate "
                      "(tls.cert_file){}",
                      broker(), error.text,
                      settings_.version == mqtt::Version::v5 ? ", or knows no MQTT 5 (version: 3.1.1)" : "")};
}

Error MqttConnection::no_mqtt(std::string_view reason) const {
  const std::string_view scheme = settings_.uses_websocket() ? "wss" : "mqtts";
  return {
      ErrorCategory::network,
      fmt::format("{} takes connections and speaks no MQTT: {}{}{}", broker(), reason,
                  uses_tls_ ? "" : fmt::format("; is it {}:// there", scheme),
                  settings_.version == mqtt::Version::v5 ? "; or perhaps it knows no MQTT 5 (version: 3.1.1)" : "")};
}

Error MqttConnection::taken_over() {
  const auto now = SessionMemory::Clock::now();
  settings_.memory->taken_over(now);
  const auto wait = settings_.memory->wait(now);
  return {ErrorCategory::rejected,
          fmt::format("session taken over by another client with the client id {}; waiting {} s before taking it "
                      "back, give each client a client_id of its own",
                      client_id(), whole_seconds(wait)),
          std::chrono::ceil<std::chrono::milliseconds>(wait)};
}

Error MqttConnection::end_of_standing_connection(const Error& error) {
  const auto now = SessionMemory::Clock::now();
  if (!settings_.memory->dropped(now, carried_messages_))
    return {.category = ErrorCategory::network,
            .text = fmt::format("the connection to {} broke: {}", broker(), error.text),
            .hung_up_at = error.hung_up_at};
  const auto wait = settings_.memory->wait(now);
  return {ErrorCategory::rejected,
          fmt::format("{} closed the connection again and again right after accepting it and without a message: "
                      "perhaps another client uses the client id {} (give each client a client_id of its own){}{}; "
                      "waiting {} s",
                      broker(), client_id(),
                      connect_.will ? ", or it does not take the status topic " + connect_.will->topic + " (see prefix)"
                                    : std::string(),
                      settings_.qos == 2 ? ", or no messages of QoS 2 (see qos)" : "", whole_seconds(wait)),
          std::chrono::ceil<std::chrono::milliseconds>(wait)};
}

Error MqttConnection::named(Error error) const {
  error.text.insert(0, broker() + ": ");
  return error;
}

void MqttConnection::abandon(Error error) {
  // No reason code of a client's fits a silent broker (MQTT 5.0, 3.14.2.1). This one has it publish the will.
  if (phase_ == Phase::connected) publisher_.disconnect(mqtt::reason::unspecified_error);
  fail(std::move(error));
}

void MqttConnection::fail(Error error) {
  if (phase_ == Phase::ended) return;
  if (stream_) {
    flush();
    close_stream();
  }
  end(std::move(error));
}

void MqttConnection::end(Error error) {
  if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
  timer_.cancel();
  if (stream_) stream_->abort();
  observer_.connection_lost(std::move(error));
}

/// It lives on until all is sent, longer than this object.
void MqttConnection::close_stream() { std::exchange(stream_, nullptr)->close(); }

}  // namespace pbxbridge::sink
