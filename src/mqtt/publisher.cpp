#include "mqtt/publisher.hpp"

#include "mqtt/wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::mqtt {
namespace {

using Awaits = InFlight::Awaits;

std::string malformed(PacketType type, const Error& error) {
  return fmt::format("it sent a malformed {}: {}", to_string(type), error.text);
}

Awaits awaits_of(PacketType type) {
  if (type == PacketType::puback) return Awaits::puback;
  return type == PacketType::pubrec ? Awaits::pubrec : Awaits::pubcomp;
}

}  // namespace

void Publisher::connect(const Connect& connect) { append_connect(output_, connect, version_); }

void Publisher::publish(std::uint64_t token, const Publish& publish) {
  std::uint16_t identifier = 0;
  if (publish.qos > 0) identifier = in_flight_->add(token, publish.qos == 1 ? Awaits::puback : Awaits::pubrec);
  if (publish.qos == 2 && !unreleased_.empty() && unreleased_[identifier]) {
    unreleased_[identifier] = false;
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_);
  }
  append_publish(output_, publish, identifier, version_);
}

Publisher::Incoming Publisher::next(std::string_view& bytes) {
  while (phase_ != Phase::ended) {
    const std::size_t skipped = std::min(left_to_skip_, bytes.size());
    bytes.remove_prefix(skipped);
    left_to_skip_ -= skipped;
    if (skipped > 0 && left_to_skip_ == 0) ++packets_;

    const FixedHeader header = read_fixed_header(bytes);
    if (!header.problem.empty()) return fail(header.problem);
    if (header.size == 0) return {};
    if (phase_ == Phase::connecting && header.type != PacketType::connack)
      return fail(fmt::format("it sent {} before CONNACK", to_string(header.type)));
    if (header.type == PacketType::publish) {
      if (auto incoming = take_publish(header, bytes)) return std::move(*incoming);
      continue;
    }
    if (header.remaining_length > largest_incoming)
      return fail(fmt::format("it sent a {} of {} bytes", to_string(header.type), header.remaining_length));
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
      if (!body.empty()) return fail("it sent a malformed PINGRESP: its length does not fit its content");
      return {.kind = Incoming::Kind::pong};
    default:
      return read_acknowledgement(header.type, body);
  }
}

Publisher::Incoming Publisher::read_connack(std::string_view body) {
  if (phase_ != Phase::connecting) return fail("it sent a second CONNACK");
  auto connack = mqtt::read_connack(body, version_);
  if (!connack) return fail(malformed(PacketType::connack, connack.error()));
  connack_ = std::move(*connack);
  Incoming incoming;
  incoming.reason_code = connack_.reason_code;
  if (connack_.reason_code != reason::success) {
    phase_ = Phase::ended;
    incoming.kind = Incoming::Kind::refused;
    return incoming;
  }
  phase_ = Phase::connected;
  in_flight_.emplace(std::min(receive_maximum_, connack_.receive_maximum));
  if (connack_.session_present) unreleased_.assign(in_flight_->limit() + 1, true);
  incoming.kind = Incoming::Kind::accepted;
  return incoming;
}

Publisher::Incoming Publisher::read_acknowledgement(PacketType type, std::string_view body) {
  const auto read = mqtt::read_acknowledgement(body, version_);
  if (!read) return fail(malformed(type, read.error()));
  const std::uint16_t identifier = read->packet_identifier;
  if (type == PacketType::pubrel) {  // of a message that a kept session had for another program
    append_acknowledgement(output_, PacketType::pubcomp, identifier, version_);
    return {};
  }
  const Awaits awaited = in_flight_->awaits(identifier);
  if (awaited == awaits_of(type)) {
    if (type != PacketType::pubrec || read->reason_code >= reason::first_failure) return done(*read);
    in_flight_->await_pubcomp(identifier);
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_);
    return {};
  }
  if (type == PacketType::pubrec && awaited != Awaits::puback) {  // said again, or of an earlier connection
    const bool known = awaited == Awaits::pubcomp;
    append_acknowledgement(output_, PacketType::pubrel, identifier, version_,
                           known ? reason::success : reason::packet_identifier_not_found);
    return {};
  }
  // A PUBCOMP while PUBREC is due answers the PUBREL that went before the message.
  if (awaited == Awaits::nothing || (type == PacketType::pubcomp && awaited == Awaits::pubrec)) return {};
  return fail(fmt::format("it sent a {} for a message of QoS {}", to_string(type), awaited == Awaits::puback ? 1 : 2));
}

Publisher::Incoming Publisher::done(const Acknowledgement& acknowledgement) {
  Incoming incoming;
  incoming.kind = Incoming::Kind::acknowledged;
  incoming.reason_code = acknowledgement.reason_code;
  incoming.reason_string = acknowledgement.reason_string;
  incoming.token = in_flight_->remove(acknowledgement.packet_identifier);
  return incoming;
}

Publisher::Incoming Publisher::read_disconnect(std::string_view body) {
  auto read = mqtt::read_disconnect(body);
  if (!read) {
    if (version_ == Version::v5) return fail(malformed(PacketType::disconnect, read.error()));
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
      return is_whole ? fail("it sent a malformed PUBLISH: it is cut short") : Incoming{};
    }
    append_acknowledgement(output_, header.qos() == 1 ? PacketType::puback : PacketType::pubrec, identifier, version_);
    taken += topic_size + 2;
  }
  bytes.remove_prefix(taken);
  left_to_skip_ = header.size + header.remaining_length - taken;
  if (left_to_skip_ == 0) ++packets_;
  return std::nullopt;
}

Publisher::Incoming Publisher::fail(std::string detail) {
  phase_ = Phase::ended;
  Incoming incoming;
  incoming.kind = Incoming::Kind::failed;
  incoming.detail = std::move(detail);
  return incoming;
}

}  // namespace pbxbridge::mqtt
