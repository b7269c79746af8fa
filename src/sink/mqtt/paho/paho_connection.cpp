#include "sink/mqtt/paho/paho_connection.hpp"

#include "mqtt/publisher.hpp"
#include "sink/mqtt/broker_stream.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"
#include "sink/mqtt/paho/paho_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pbxbridge::sink {
namespace {

/// Above it Paho falls from thousands of messages a second to a few hundred.
constexpr std::size_t largest_window = 1000;
/// Paho holds a copy of each message until it is acknowledged.
constexpr std::size_t largest_window_bytes = 1024 * 1024;

/// An IPv4 address where there is one, as Paho itself chooses: a `localhost` with a broker on 127.0.0.1 alone works.
std::string preferred(const net::HostLookup::Addresses& addresses) {
  const auto ipv4 = std::ranges::find_if(addresses, [](const auto& each) { return each.address().is_v4(); });
  return (ipv4 != addresses.end() ? *ipv4 : addresses.front()).address().to_string();
}

}  // namespace

PahoConnection::PahoConnection(const MqttSettings& settings, std::string status_topic,
                               boost::asio::any_io_executor executor, MqttConnectionObserver& observer)
    : MqttConnection(settings, std::move(status_topic), std::move(executor), observer), timer_(executor_) {}

PahoConnection::~PahoConnection() {
  if (trial_) trial_->abort();
  if (socket_) socket_->hang_up();
}

// Connecting

void PahoConnection::start() {
  phase_ = Phase::trying;
  if (const auto read = read_password(); !read) return end(read.error());
  auto headers = http_headers(settings_.websocket);
  if (!headers) return end(headers.error());
  headers_ = std::move(*headers);
  if (settings_.tls.key_password.is_set()) {
    auto key_password = settings_.tls.key_password.read();
    if (!key_password) return end(key_password.error());
    key_password_ = std::move(*key_password);
  }
  timer_.after(settings_.connect_timeout, [this] { end(words_.no_connection_in_time(progress_)); });
  trial_ = open_broker_stream(executor_, settings_, headers_, *this);
}

void PahoConnection::on_closed(const Error& error) {
  if (phase_ == Phase::trying) end(words_.no_connection(error));
}

void PahoConnection::on_open() {
  std::exchange(trial_, nullptr)->close();
  phase_ = Phase::connecting;
  progress_ = "waiting for the broker's answer";
  const url::Endpoint endpoint = settings_.endpoint();
  if (settings_.uses_tls() || settings_.uses_websocket()) return connect_to(endpoint.host);
  lookup_.emplace(executor_, endpoint.host, endpoint.port,
                  [this](const Result<net::HostLookup::Addresses>& addresses) { looked_up(addresses); });
}

void PahoConnection::looked_up(const Result<net::HostLookup::Addresses>& addresses) {
  if (phase_ != Phase::connecting) return;
  if (!addresses) return end(words_.no_connection(addresses.error()));
  if (addresses->empty())
    return end(words_.no_connection({ErrorCategory::network, "the name has no address any more"}));
  connect_to(preferred(*addresses));
}

void PahoConnection::connect_to(const std::string& host) {
  host_ = host;
  client_ = std::make_unique<PahoClient>(paho_uri(settings_, host), connect_.client_identifier, settings_.version,
                                         executor_, [this](std::vector<PahoReport>& reports) { take(reports); });
  client_->connect(paho_connect_options(settings_, connect_, headers_, key_password_));
}

void PahoConnection::accepted(const PahoReport& report) {
  socket_ = report.socket;
  limits_ = *report.connack;
  if (limits_.session_present && connect_.clean_start)
    return end(words_.breaks_protocol("it sent a CONNACK with Session Present, and was asked to forget the session"));
  // The broker's keep alive is the one that holds (MQTT 5.0, 3.1.2.10), and Paho does not look at it.
  if (const auto servers = limits_.server_keep_alive.value_or(0); servers > 0 && servers != connect_.keep_alive) {
    connect_.keep_alive = servers;
    socket_ = nullptr;
    return connect_to(host_);
  }
  phase_ = Phase::connected;
  timer_.cancel();
  settings_.memory->connected(SessionMemory::Clock::now());
  observer_.connection_made();
}

// Connected

std::size_t PahoConnection::window() const {
  return std::min<std::size_t>({settings_.window(), limits_.receive_maximum, largest_window});
}

void PahoConnection::tick() {
  ++now_;
  if (socket_) socket_->tolerate_stalled_broker(settings_.ack_timeout);
}

std::uint32_t PahoConnection::oldest_age() const {
  std::uint32_t age = 0;
  for (const auto& [token, message] : in_flight_) age = std::max(age, now_ - message.since);
  return age;
}

bool PahoConnection::has_room(unsigned qos) const {
  if (phase_ != Phase::connected || in_flight_bytes_ >= largest_window_bytes) return false;
  if (qos == 0) return true;
  if (in_flight() >= window()) return false;
  return qos == 1 || settings_.version == mqtt::Version::v5 ||
         in_flight_of_qos_2_ < mqtt::Publisher::largest_window_of_qos_2_in_3_1_1;
}

void PahoConnection::publish(std::uint64_t token, const mqtt::Publish& publish) {
  const std::size_t bytes = publish.payload.size();
  note_sent(publish.qos);
  in_flight_.emplace(token, InFlight{publish.qos, bytes, now_});
  in_flight_bytes_ += bytes;
  if (publish.qos == 0) ++in_flight_of_qos_0_;
  if (publish.qos == 2) ++in_flight_of_qos_2_;
  client_->publish(token, publish);
}

void PahoConnection::disconnect() {
  phase_ = Phase::leaving;
  client_->disconnect();
}

void PahoConnection::take(std::vector<PahoReport>& reports) {
  const auto watch = lifetime_.watch();
  const PahoClient* const client = client_.get();
  const auto is_over = [&] { return watch.is_over() || phase_ == Phase::ended || client_.get() != client; };
  for (PahoReport& report : reports) {
    take(report);
    if (is_over()) return;
  }
  if (phase_ == Phase::connected) observer_.room_made();
}

void PahoConnection::take(PahoReport& report) {
  using Kind = PahoReport::Kind;
  switch (report.kind) {
    case Kind::accepted:
      return accepted(report);
    case Kind::rejected:
      return end(words_.rejected(report.code, {}));
    case Kind::failed:
      return end(words_.ended_before_acceptance({ErrorCategory::network, "the connection ended"}));
    case Kind::outcome:
      return acknowledged(report);
    case Kind::not_sent:
      return not_sent(report);
    case Kind::probed:
      return observer_.probe_answered();
    case Kind::disconnected:
      note_missing_feature(report.code, carried_.highest_qos);
      return end(
          unserved().value_or(words_.disconnected(report.code, {report.text, report.server_reference}, carried_)));
    case Kind::dropped:
      return end(words_.ended({.category = ErrorCategory::network,
                               .text = "the broker ended it",
                               .hung_up_at = std::chrono::steady_clock::now()},
                              carried_));
    case Kind::silent:
      return end(words_.no_ping_answer(std::chrono::seconds(connect_.keep_alive)));
    case Kind::closed:
      phase_ = Phase::ended;
      socket_ = nullptr;
      return observer_.connection_closed();
  }
}

void PahoConnection::acknowledged(const PahoReport& report) {
  using Kind = PahoVerdict::Kind;
  if (report.verdict.kind == Kind::fault) return end(words_.breaks_protocol(report.verdict.text));
  if (report.verdict.kind == Kind::not_arrived)
    return settle(report.token, publish_outcome(mqtt::reason::packet_identifier_in_use, {}));
  if (report.verdict.kind == Kind::downgraded && settings_.memory->first_downgrade())
    observer_.notice(words_.downgrades());
  const auto found = in_flight_.find(report.token);
  const unsigned qos = found == in_flight_.end() ? 0 : found->second.qos;
  const auto code =
      report.verdict.kind == Kind::completed ? mqtt::completion(static_cast<std::uint8_t>(report.code)) : report.code;
  if (qos == 2 && code < mqtt::reason::first_failure) settings_.memory->took_qos_2();
  if (note_missing_feature(code, qos))
    if (auto error = unserved()) return end(std::move(*error));
  settle(report.token, publish_outcome(code, {}));
}

/// A message of QoS 0 has no outcome of its own: only the end of the connection keeps it from counting as delivered.
void PahoConnection::not_sent(const PahoReport& report) {
  const auto found = in_flight_.find(report.token);
  const std::string text = "the client paho did not take it: " + report.text;
  if (found != in_flight_.end() && found->second.qos == 0)
    return end(words_.ended({.category = ErrorCategory::network, .text = text}, carried_));
  settle(report.token, Outcome::retry(text));
}

void PahoConnection::settle(std::uint64_t token, Outcome outcome) {
  const auto found = in_flight_.find(token);
  if (found == in_flight_.end()) return;
  const InFlight message = found->second;
  in_flight_.erase(found);
  in_flight_bytes_ -= message.bytes;
  if (message.qos == 2) --in_flight_of_qos_2_;
  if (message.qos > 0) return observer_.message_outcome(token, std::move(outcome));
  if (--in_flight_of_qos_0_ == 0) observer_.messages_written();
}

// The end

void PahoConnection::end(Error error) {
  if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
  timer_.cancel();
  if (trial_) std::exchange(trial_, nullptr)->abort();
  if (socket_) std::exchange(socket_, nullptr)->hang_up();
  client_ = nullptr;
  observer_.connection_lost(std::move(error));
}

}  // namespace pbxbridge::sink
