#pragma once

#include "hex.hpp"
#include "mqtt/publisher.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::mqtt {

class PublisherTest : public testing::Test {
 protected:
  using Kind = Publisher::Incoming::Kind;

  /// A publisher that a broker has accepted with this CONNACK; the first of its client.
  void connect(std::string_view connack = "20 03 00 00 00", Version version = Version::v5,
               std::uint16_t receive_maximum = 20) {
    identifiers_ = PacketIdentifiers(1);
    connect_again(connack, version, receive_maximum);
  }
  void connect_again(std::string_view connack = "20 03 00 00 00", Version version = Version::v5,
                     std::uint16_t receive_maximum = 20) {
    begin(version, receive_maximum, {.clean_start = false});
    ASSERT_EQ(receive(connack), Kind::accepted) << incoming_.detail;
  }
  void begin(Version version, std::uint16_t receive_maximum, const Connect& connect) {
    publisher_.emplace(version, receive_maximum, identifiers_);
    publisher_->connect(connect);
    (void)output();
  }
  /// Takes the bytes to be sent.
  std::string output() { return to_hex(std::exchange(publisher_->output(), {})); }
  void publish(std::uint64_t token, unsigned qos) {
    Publish publish;
    publish.topic = "a";
    publish.qos = qos;
    publisher_->publish(token, publish);
  }
  Kind receive(std::string_view bytes) {
    received_ = hex(bytes);
    left_ = received_;
    return next();
  }
  Kind next() {
    incoming_ = publisher_->next(left_);
    return incoming_.kind;
  }

  PacketIdentifiers identifiers_{1};
  std::optional<Publisher> publisher_;
  Publisher::Incoming incoming_;
  std::string received_;
  std::string_view left_;
};

}  // namespace pbxbridge::mqtt
