// A broker's bytes between the steps of a publisher: each step of the script feeds some of them, publishes, or lets
// time pass.

#include "fuzz/check.hpp"
#include "mqtt/publisher.hpp"

#include <algorithm>
#include <fuzzer/FuzzedDataProvider.h>
#include <set>
#include <string>

using pbxbridge::fuzz::check;
namespace mqtt = pbxbridge::mqtt;

namespace {

using Kind = mqtt::Publisher::Incoming::Kind;

/// Reads what the publisher has sent by the standard (MQTT 5.0, 2.1): whole packets of a client.
class Broker {
 public:
  void read(std::string& sent) {
    std::string_view left = sent;
    while (!left.empty()) {
      const unsigned first = static_cast<unsigned char>(left[0]);
      left.remove_prefix(1);
      const std::size_t length = take_length(left);
      check(left.size() >= length, "a packet is complete");
      const std::string_view body = left.substr(0, length);
      left.remove_prefix(length);
      const unsigned type = first >> 4U;
      check(type == 1 || (type >= 3 && type <= 7) || type == 12 || type == 14, "a packet is one of a publisher's");
      if (type == 3) take_publish(first, body);
      if (type >= 4 && type <= 7) check(body.size() >= 2, "an acknowledgement has its identifier");
    }
    sent.clear();
  }

 private:
  static std::size_t take_length(std::string_view& left) {
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      check(!left.empty(), "a length is complete");
      const unsigned byte = static_cast<unsigned char>(left[0]);
      left.remove_prefix(1);
      length |= std::size_t{byte & 0x7fU} << shift;
      if ((byte & 0x80U) == 0) return length;
    }
    check(false, "a length has four bytes at the most");
    return 0;
  }

  static void take_publish(unsigned first, std::string_view body) {
    const unsigned qos = first >> 1U & 3U;
    check(qos < 3 && body.size() >= 2, "a PUBLISH has a QoS and a topic");
    const std::size_t topic = static_cast<unsigned char>(body[0]) * 256U + static_cast<unsigned char>(body[1]);
    check(body.size() >= 2 + topic + (qos > 0 ? 2U : 0U), "a PUBLISH has its topic and identifier");
    if (qos > 0) check(body[2 + topic] != 0 || body[3 + topic] != 0, "an identifier is not 0");
  }
};

class Script {
 public:
  explicit Script(FuzzedDataProvider& input)
      : input_(input),
        version_(input.ConsumeBool() ? mqtt::Version::v5 : mqtt::Version::v3_1_1),
        publisher_(version_, input.ConsumeIntegralInRange<std::uint16_t>(1, 40), identifiers_) {
    if (input.ConsumeBool()) identifiers_.doubt_all();
  }

  void run() {
    publisher_.connect({.client_identifier = "pbx", .keep_alive = 30, .user_name = "a", .password = "b"});
    if (input_.ConsumeBool())
      feed(version_ == mqtt::Version::v5 ? std::string("\x20\x03\x00\x00\x00", 5) : std::string("\x20\x02\x00\x00", 4));
    while (input_.remaining_bytes() > 0) {
      step();
      broker_.read(publisher_.output());
      if (accepted_) check(publisher_.in_flight() == in_flight_.size(), "what is in flight is counted");
    }
  }

 private:
  void step() {
    switch (input_.ConsumeIntegralInRange(0, 3)) {
      case 0:
        return feed(input_.ConsumeBytesAsString(input_.ConsumeIntegralInRange<std::size_t>(1, 40)));
      case 1:
        return publish(input_.ConsumeIntegralInRange(0U, 2U));
      case 2:
        return acknowledge();
      default:
        if (accepted_ && !ended_) publisher_.tick();
    }
  }

  void publish(unsigned qos) {
    if (!accepted_ || ended_) return;
    if (!publisher_.has_room(qos)) return publisher_.request_room(qos);
    ++token_;
    publisher_.publish(token_, {.topic = "t", .payload = "p", .qos = qos});
    if (qos > 0) in_flight_.insert(token_);
  }

  /// A packet that is right in its form, so that the script gets to its meaning.
  void acknowledge() {
    constexpr char types[] = {0x40, 0x50, 0x62, 0x70};
    std::string packet(1, input_.PickValueInArray(types));
    packet += '\x02';
    packet += '\0';
    packet += static_cast<char>(input_.ConsumeIntegralInRange(0, 20));
    feed(packet);
  }

  void feed(const std::string& bytes) {
    unread_ += bytes;
    std::string_view left = unread_;
    for (auto incoming = publisher_.next(left); incoming.kind != Kind::nothing; incoming = publisher_.next(left)) {
      check(!ended_, "nothing follows an end");
      take(incoming);
    }
    unread_.erase(0, unread_.size() - left.size());
  }

  void take(const mqtt::Publisher::Incoming& incoming) {
    if (incoming.kind == Kind::accepted) {
      check(!accepted_, "a connection is accepted once");
      accepted_ = true;
      check(publisher_.window() > 0, "there is room for a message");
      return;
    }
    if (incoming.kind == Kind::acknowledged) {
      check(in_flight_.erase(incoming.token) == 1, "only what is in flight is acknowledged, and once");
      return;
    }
    if (incoming.kind == Kind::pong) return;
    ended_ = true;
    if (incoming.kind == Kind::failed) check(!incoming.detail.empty(), "a failure says what it is");
  }

  FuzzedDataProvider& input_;
  const mqtt::Version version_;
  mqtt::PacketIdentifiers identifiers_{1};
  mqtt::Publisher publisher_;
  Broker broker_;
  std::string unread_;
  std::set<std::uint64_t> in_flight_;
  std::uint64_t token_ = 0;
  bool accepted_ = false;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  Script(input).run();
  return 0;
}
