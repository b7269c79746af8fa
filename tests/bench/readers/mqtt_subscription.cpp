#include "readers/mqtt_subscription.hpp"

#include "readers/mqtt_fields.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::bench {

namespace {

// First bytes of packets (MQTT 3.1.1, 2.2).
constexpr std::uint8_t connect = 0x10;
constexpr std::uint8_t connack = 0x20;
constexpr std::uint8_t publish = 0x30;
constexpr std::uint8_t puback = 0x40;
constexpr std::uint8_t subscribe = 0x82;
constexpr std::uint8_t suback = 0x90;
constexpr std::uint8_t kind_mask = 0xf0;
constexpr std::uint8_t qos_mask = 0x06;
constexpr unsigned qos_shift = 1;

constexpr std::size_t buffer_bytes = 4 * 1024 * 1024;

void append_text(std::string& packet, std::string_view text) {
  packet += static_cast<char>(text.size() >> 8U);
  packet += static_cast<char>(text.size() & 0xffU);
  packet += text;
}

/// Makes a packet of less than 128 bytes, as all are that are sent here.
std::string packet_of(std::uint8_t kind, const std::string& body) {
  return std::string{static_cast<char>(kind), static_cast<char>(body.size())} + body;
}

std::string connect_packet(bool version_5) {
  std::string body;
  append_text(body, "MQTT");
  body += version_5 ? '\x05' : '\x04';
  body += '\x02';                       // clean session
  body.append(2, '\0');                 // no keep-alive
  if (version_5) body.append(1, '\0');  // no properties
  append_text(body, "bench-reader");
  return packet_of(connect, body);
}

std::string subscribe_packet(const std::string& filter, std::uint8_t qos, bool version_5) {
  std::string body{'\0', '\x01'};       // packet id
  if (version_5) body.append(1, '\0');  // no properties
  append_text(body, filter);
  body += static_cast<char>(qos);
  return packet_of(subscribe, body);
}

}  // namespace

MqttSubscription::MqttSubscription(const Options& options)
    : qos_(options.qos),
      with_attributes_(options.with_attributes),
      socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      received_(buffer_bytes, '\0') {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    throw std::system_error(errno, std::generic_category(), "MQTT broker");
  send(connect_packet(with_attributes_));
  if (expect(connack)[1] != '\0') throw std::runtime_error("the MQTT broker rejected the connection");
  send(subscribe_packet(options.filter, qos_, with_attributes_));
  if (!expect(suback).ends_with(static_cast<char>(qos_)))
    throw std::runtime_error("the MQTT broker rejected the subscription");
}

MqttSubscription::~MqttSubscription() { ::close(socket_); }

void MqttSubscription::send(std::string_view packet) const {
  if (::send(socket_, packet.data(), packet.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(packet.size()))
    throw std::system_error(errno, std::generic_category(), "MQTT broker");
}

std::string_view MqttSubscription::expect(std::uint8_t kind) {
  std::string_view body;
  std::uint8_t came = 0;
  while ((came = next(body)) == 0)
    if (!fill()) throw std::runtime_error("the MQTT broker closed the connection");
  if ((came & kind_mask) != (kind & kind_mask) || body.size() < 2)
    throw std::runtime_error("the MQTT broker sent another packet than was expected");
  return body;
}

bool MqttSubscription::read(const Take& take) {
  if (!fill()) return false;
  std::string_view body;
  while (const auto kind = next(body)) {
    if ((kind & kind_mask) != publish) continue;
    if ((kind & qos_mask) >> qos_shift != qos_)
      throw std::runtime_error("a message came with another QoS than " + std::to_string(qos_));
    take(message_of(body));
  }
  if (!acknowledgements_.empty()) send(acknowledgements_);
  acknowledgements_.clear();
  return true;
}

MqttSubscription::Message MqttSubscription::message_of(std::string_view body) {
  MqttFields fields(body);
  const auto topic = fields.text();
  if (qos_ > 0) acknowledgements_ += packet_of(puback, std::string(fields.bytes(2)));
  if (!with_attributes_) return {topic, fields.rest(), std::nullopt};
  const auto attributes = cloudevent_of(MqttFields(fields.bytes(fields.variable_number())));
  return {topic, fields.rest(), attributes};
}

bool MqttSubscription::fill() {
  if (begin_ > 0) std::memmove(received_.data(), received_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == received_.size()) throw std::runtime_error("a message larger than the reader's buffer");
  const auto size = ::recv(socket_, received_.data() + end_, received_.size() - end_, 0);
  if (size <= 0) return false;
  end_ += static_cast<std::size_t>(size);
  return true;
}

std::uint8_t MqttSubscription::next(std::string_view& body) {
  const auto rest = std::string_view(received_).substr(begin_, end_ - begin_);
  std::size_t length = 0;
  std::size_t position = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (position >= rest.size()) return 0;
    const auto byte = static_cast<unsigned char>(rest[position++]);
    length |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) break;
  }
  if (rest.size() - position < length) return 0;
  body = rest.substr(position, length);
  begin_ += position + length;
  return static_cast<std::uint8_t>(rest[0]);
}

}  // namespace pbxbridge::bench
