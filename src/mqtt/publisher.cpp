#include "mqtt/publisher.hpp"

#include "mqtt/packet_bytes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::mqtt {
namespace {

using Awaits = InFlight::Awaits;

/// Number of identifiers that one round trip releases.
constexpr std::size_t release_batch = 500;

constexpr std::string_view http = "HTTP/";

/// Returns whether it begins as an answer of HTTP does; its first byte is none of a CONNACK.
bool may_be_http(std::string_view bytes) {
  return !bytes.empty() && bytes.starts_with(http.substr(0, std::min(bytes.size(), http.size())));
}

/// Returns whether the flags and the reason code are there, which every version of MQTT has (3.2.2).
bool is_connack_at_first(std::string_view body) {
  return body.size() >= 2 && static_cast<unsigned char>(body.front()) <= 1;
}

Awaits awaits_of(PacketType type) {
  if (type == PacketType::puback) return Awaits::puback;
  return type == PacketType::pubrec ? Awaits::pubrec : Awaits::pubcomp;
}

}  // namespace

void Publisher::connect(const Connect& connect) {
  clean_start_ = connect.clean_start;
  append_connect(output_, connect, version_);
}

// Packet identifiers

bool Publisher::is_in_use(std::uint16_t identifier) const {
  return in_flight_->awaits(identifier) != Awaits::nothing ||
         std::ranges::find(releasing_, identifier) != releasing_.end();
}

/// The first message of QoS 2 on a connection shows what the broker makes of it. Until then none of ours is released,
/// since a broker that does not know QoS 2 may know no PUBREL either; and none that is unfinished is used.
std::uint16_t Publisher::next_identifier(unsigned qos) const {
  const bool avoids_unfinished = qos == 2 && (qos_2_ == Qos2::unproven || !identifiers_.may_release());
  std::uint16_t identifier = identifiers_.next();
  for (std::size_t skipped = 0; skipped < PacketIdentifiers::largest; ++skipped) {
    if (!is_in_use(identifier) && !(avoids_unfinished && identifiers_.is_unfinished(identifier))) break;
    identifier = PacketIdentifiers::after(identifier);
  }
  return identifier;
}

bool Publisher::has_room(unsigned qos) const {
  if (qos == 0) return true;
  if (in_flight_->full() || in_flight_->size() + releasing_.size() == PacketIdentifiers::largest) return false;
  if (qos == 1) return true;
  if (version_ == Version::v3_1_1 && in_flight_->size_of_qos_2() >= largest_window_of_qos_2_in_3_1_1) return false;
  const std::uint16_t identifier = next_identifier(2);
  if (is_in_use(identifier)) return false;
  if (qos_2_ == Qos2::downgraded || !identifiers_.is_doubtful(identifier) || !identifiers_.may_release()) return true;
  return qos_2_ == Qos2::unproven && in_flight_->size_of_qos_2() == 0;
}

void Publisher::request_room(unsigned qos) {
  if (qos != 2 || qos_2_ != Qos2::exactly_once || !releasing_.empty() || !identifiers_.may_release()) return;
  std::uint16_t identifier = next_identifier(2);
  if (!identifiers_.is_doubtful(identifier)) return;
  release_began_ = in_flight_->now();
  for (std::size_t count = 0; count < release_batch; ++count, identifier = PacketIdentifiers::after(identifier)) {
    if (!identifiers_.is_doubtful(identifier) || in_flight_->awaits(identifier) != Awaits::nothing) continue;
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_);
    releasing_.push_back(identifier);
  }
  if (!releasing_.empty()) identifiers_.release_sent();
}

std::uint32_t Publisher::oldest_age() const {
  const std::uint32_t age = in_flight_->oldest_age();
  return releasing_.empty() ? age : std::max(age, in_flight_->now() - release_began_);
}

// Sending

void Publisher::publish(std::uint64_t token, const Publish& publish) {
  std::uint16_t identifier = 0;
  if (publish.qos > 0) {
    identifier = next_identifier(publish.qos);
    identifiers_.use(identifier);
    in_flight_->add(identifier, token, publish.qos == 1 ? Awaits::puback : Awaits::pubrec);
    if (publish.qos == 2) identifiers_.begin_exchange(identifier);
  }
  append_publish(output_, publish, identifier, version_);
}

void Publisher::disconnect(std::uint8_t reason_code) {
  if (version_ == Version::v5 || reason_code == reason::success) append_disconnect(output_, reason_code);
}

// Receiving

Publisher::Incoming Publisher::next(std::string_view& bytes) {
  while (phase_ != Phase::ended) {
    const std::size_t skipped = std::min(left_to_skip_, bytes.size());
    bytes.remove_prefix(skipped);
    left_to_skip_ -= skipped;
    if (skipped > 0 && left_to_skip_ == 0) ++packets_;

    if (phase_ == Phase::connecting && may_be_http(bytes)) {
      if (bytes.size() < http.size()) return {};
      Incoming incoming = fail("its answer is HTTP");
      incoming.peer = Incoming::Peer::http_server;
      return incoming;
    }
    const FixedHeader header = read_fixed_header(bytes);
    if (!header.problem.empty())
      return fail(header.problem, header.is_malformed ? reason::malformed_packet : reason::protocol_error);
    if (header.size == 0) return {};
    if (phase_ == Phase::connecting && header.type != PacketType::connack)
      return fail(fmt::format("it sent {} before CONNACK", to_string(header.type)));
    if (header.type == PacketType::publish) {
      if (auto incoming = take_publish(header, bytes)) return std::move(*incoming);
      continue;
    }
    if (header.remaining_length > largest_incoming)
      return fail(fmt::format("it sent a {} of {} bytes", to_string(header.type), header.remaining_length),
                  reason::packet_too_large);
    const std::size_t size = header.size + header.remaining_length;
    if (bytes.size() < size) return {};
    const std::string_view body = bytes.substr(header.size, header.remaining_length);
    bytes.remove_prefix(size);
    ++packets_;
    Incoming incoming = read(header, body);
    if (incoming.kind != Incoming::Kind::nothing) return incoming;
  }
  return {};
}

Publisher::Incoming Publisher::read(const FixedHeader& header, std::string_view body) {
  switch (header.type) {
    case PacketType::connack:
      return read_connack(body);
    case PacketType::disconnect:
      return read_disconnect(body);
    case PacketType::pingresp:
      if (!body.empty()) return fail_malformed(header.type, "its length does not fit its content");
      return {.kind = Incoming::Kind::pong};
    default:
      return read_acknowledgement(header.type, body);
  }
}

Publisher::Incoming Publisher::read_connack(std::string_view body) {
  if (phase_ != Phase::connecting) return fail("it sent a second CONNACK");
  auto connack = mqtt::read_connack(body, version_);
  if (!connack) {
    Incoming incoming = fail_malformed(PacketType::connack, connack.error().text);
    if (is_connack_at_first(body)) incoming.peer = Incoming::Peer::broker;
    return incoming;
  }
  connack_ = std::move(*connack);
  Incoming incoming;
  incoming.reason_code = connack_.reason_code;
  if (connack_.reason_code != reason::success) {
    phase_ = Phase::ended;
    incoming.kind = Incoming::Kind::rejected;
    return incoming;
  }
  phase_ = Phase::connected;
  if (connack_.session_present && clean_start_)  // MQTT 5.0, 3.2.2.1.1; what it keeps cannot be known
    return fail("it sent a CONNACK with Session Present, and was asked to forget the session");
  if (connack_.session_present) identifiers_.doubt_all();
  in_flight_.emplace(std::min(receive_maximum_, connack_.receive_maximum));
  incoming.kind = Incoming::Kind::accepted;
  return incoming;
}

Publisher::Incoming Publisher::read_acknowledgement(PacketType type, std::string_view body) {
  const auto read = mqtt::read_acknowledgement(body, version_);
  if (!read) return fail_malformed(type, read.error().text);
  const std::uint16_t identifier = read->packet_identifier;
  const Awaits awaited = in_flight_->awaits(identifier);
  if (type == PacketType::pubrel || awaited == Awaits::nothing)
    return read_acknowledgement_of_nothing(type, identifier);
  if (type == PacketType::pubrec && awaited != Awaits::puback) {
    qos_2_ = Qos2::exactly_once;
    if (awaited == Awaits::pubrec && (is_withholding_ || read->reason_code >= reason::first_failure))
      return done(*read);
    in_flight_->await_pubcomp(identifier);  // it may have said so before
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_);
    return {};
  }
  if (awaited == awaits_of(type)) return done(*read);
  if (type == PacketType::pubrec && read->reason_code < reason::first_failure) return release_earlier(*read);
  if (type == PacketType::puback && awaited == Awaits::pubrec) {  // RabbitMQ
    qos_2_ = Qos2::downgraded;
    Incoming incoming = done(*read);
    incoming.is_downgraded = true;
    return incoming;
  }
  if (awaited == Awaits::pubrec) return fail("it sent a PUBCOMP for a message of QoS 2 without a PUBREC before");
  if (awaited == Awaits::pubcomp) return fail("it sent a PUBACK for a message of QoS 2 after a PUBREC");
  return fail(fmt::format("it sent a {} for a message of QoS 1", to_string(type)));
}

/// Completes what the broker means by PUBREC for a message of QoS 1: one of QoS 2 that an earlier process left under
/// this identifier in a kept session (mochi). The message of now has not arrived, and is to be sent under another one.
Publisher::Incoming Publisher::release_earlier(const Acknowledgement& acknowledgement) {
  append_acknowledgement(output_, PacketType::pubrel, acknowledgement.packet_identifier, version_);
  Incoming incoming = done(acknowledgement);
  incoming.reason_code = reason::packet_identifier_in_use;
  return incoming;
}

/// Takes an answer to nothing in flight: a release before an identifier's use, an answer given twice, or an exchange
/// that is not ours.
Publisher::Incoming Publisher::read_acknowledgement_of_nothing(PacketType type, std::uint16_t identifier) {
  if (type == PacketType::pubrel)  // a message that a kept session had for another program
    append_acknowledgement(output_, PacketType::pubcomp, identifier, version_);
  if (type == PacketType::pubrec)
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_, reason::packet_identifier_not_found);
  if (type == PacketType::pubcomp && std::erase(releasing_, identifier) > 0) {
    identifiers_.end_exchange(identifier);
    identifiers_.release_answered();
  }
  return {};
}

Publisher::Incoming Publisher::done(const Acknowledgement& acknowledgement) {
  Incoming incoming;
  incoming.kind = Incoming::Kind::acknowledged;
  const Awaits awaited = in_flight_->awaits(acknowledgement.packet_identifier);
  incoming.reason_code =
      awaited == Awaits::pubcomp ? completion(acknowledgement.reason_code) : acknowledgement.reason_code;
  incoming.reason_string = acknowledgement.reason_string;
  incoming.qos = awaited == Awaits::puback ? 1 : 2;
  if (incoming.qos == 2) identifiers_.end_exchange(acknowledgement.packet_identifier);
  incoming.token = in_flight_->remove(acknowledgement.packet_identifier);
  return incoming;
}

Publisher::Incoming Publisher::read_disconnect(std::string_view body) {
  auto read = mqtt::read_disconnect(body);
  if (!read) {
    if (version_ == Version::v5) return fail_malformed(PacketType::disconnect, read.error().text);
    read = Disconnect{};  // some brokers say it with MQTT 3.1.1 too, which has none for them (mochi-mqtt)
  }
  phase_ = Phase::ended;
  Incoming incoming;
  incoming.kind = Incoming::Kind::disconnected;
  incoming.reason_code = read->reason_code;
  incoming.reason_string = read->reason_string;
  incoming.detail = read->server_reference;
  return incoming;
}

/// Says that the message has arrived, and skips it. Returns what there is to say where it cannot go on.
std::optional<Publisher::Incoming> Publisher::take_publish(const FixedHeader& header, std::string_view& bytes) {
  std::size_t taken = header.size;
  if (header.qos() > 0) {
    FieldReader fields(bytes.substr(header.size, header.remaining_length));
    const std::size_t topic_size = string_size(fields.string());
    const std::uint16_t identifier = fields.two_byte_integer();
    if (fields.failed()) {
      const bool is_whole = bytes.size() >= header.size + header.remaining_length;
      return is_whole ? fail_malformed(PacketType::publish, "it is cut short") : Incoming{};
    }
    append_acknowledgement(output_, header.qos() == 1 ? PacketType::puback : PacketType::pubrec, identifier, version_);
    taken += topic_size + 2;
  }
  bytes.remove_prefix(taken);
  left_to_skip_ = header.size + header.remaining_length - taken;
  if (left_to_skip_ == 0) ++packets_;
  return std::nullopt;
}

Publisher::Incoming Publisher::fail(std::string detail, std::uint8_t reason_code) {
  // A peer that has not even answered as a broker gets no DISCONNECT.
  if (phase_ == Phase::connected) disconnect(reason_code);
  phase_ = Phase::ended;
  Incoming incoming;
  incoming.kind = Incoming::Kind::failed;
  incoming.detail = std::move(detail);
  return incoming;
}

Publisher::Incoming Publisher::fail_malformed(PacketType type, std::string_view problem) {
  return fail(fmt::format("it sent a malformed {}: {}", to_string(type), problem), reason::malformed_packet);
}

}  // namespace pbxbridge::mqtt
