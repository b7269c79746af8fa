// Bytes that a broken or hostile broker may send: they lead to what the standard means or to a failure that says
// something, and never to a token that is not in flight, or to a packet that is waited for without a bound. Under
// AddressSanitizer these find reads beyond the buffers.

#include "hex.hpp"
#include "mqtt/publisher.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::mqtt {
namespace {

using Kind = Publisher::Incoming::Kind;

/// A publisher with messages of QoS 1 and 2 in flight, and what became of them.
class Conversation {
 public:
  explicit Conversation(Version version) : publisher_(version, std::uint16_t{10}, identifiers_) {
    publisher_.connect({});
  }

  /// Hands bytes over in pieces, as a stream does.
  void receive(std::string_view bytes) {
    waiting_.append(bytes);
    std::string_view left = waiting_;
    while (true) {
      const Publisher::Incoming incoming = publisher_.next(left);
      if (incoming.kind == Kind::nothing) break;
      said_.push_back(incoming.kind);
      if (incoming.kind == Kind::accepted) publish();
      if (incoming.kind == Kind::failed) {
        EXPECT_TRUE(incoming.detail.starts_with("it sent ")) << incoming.detail;
      }
      if (incoming.kind == Kind::acknowledged) {
        EXPECT_EQ(in_flight_.erase(incoming.token), 1U) << "token " << incoming.token << " is not in flight";
      }
    }
    waiting_.erase(0, waiting_.size() - left.size());
    if (has_ended()) waiting_.clear();  // as does whoever then closes the connection
    EXPECT_LE(waiting_.size(), std::size_t{Publisher::largest_incoming} + 16);
    EXPECT_LE(publisher_.output().size(), 1000 + 2 * bytes.size()) << "more is said than heard";
    publisher_.output().clear();
  }
  const std::vector<Kind>& said() const { return said_; }

 private:
  bool has_ended() const {
    return !said_.empty() && said_.back() != Kind::accepted && said_.back() != Kind::acknowledged &&
           said_.back() != Kind::pong;
  }
  void publish() {
    for (unsigned qos = 1; publisher_.has_room(qos); qos = 3 - qos) {
      Publish publish;
      publish.topic = "t";
      publish.qos = qos;
      publisher_.publish(++token_, publish);
      in_flight_.insert(token_);
    }
  }

  PacketIdentifiers identifiers_{1};
  Publisher publisher_;
  std::string waiting_;
  std::uint64_t token_ = 1000;
  std::set<std::uint64_t> in_flight_;
  std::vector<Kind> said_;
};

/// All that a broker sends in a connection with MQTT 5.
std::string good_stream() {
  return hex(
      "20 1D 00 00 1A 21 00 14 27 00 01 00 00 24 01 25 01 13 00 1E 12 00 02 69 64 26 00 01 6E 00 00 "
      "40 02 00 01 40 03 00 03 10 40 0A 00 05 87 06 1F 00 03 6E 6F 21 50 02 00 02 70 02 00 02 50 03 00 04 97 "
      "D0 00 30 06 00 01 61 00 70 71 32 08 00 01 61 01 02 00 70 71 34 08 00 01 61 01 03 00 70 71 62 02 01 03 "
      "E0 09 8B 07 1F 00 04 73 6F 6F 6E");
}

TEST(HostileBroker, TheExampleIsGood) {
  Conversation conversation(Version::v5);
  conversation.receive(good_stream());
  EXPECT_EQ(conversation.said(),
            (std::vector{Kind::accepted, Kind::acknowledged, Kind::acknowledged, Kind::acknowledged, Kind::acknowledged,
                         Kind::acknowledged, Kind::pong, Kind::disconnected}));
}

TEST(HostileBroker, MayCutItsBytesAnywhere) {
  const std::string stream = good_stream();
  Conversation whole(Version::v5);
  whole.receive(stream);
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    Conversation cut(Version::v5);
    cut.receive(std::string_view(stream).substr(0, at));
    EXPECT_LE(cut.said().size(), whole.said().size());
    cut.receive(std::string_view(stream).substr(at));
    EXPECT_EQ(cut.said(), whole.said()) << "cut at " << at;
  }
  Conversation bytewise(Version::v5);
  for (const char byte : stream) bytewise.receive({&byte, 1});
  EXPECT_EQ(bytewise.said(), whole.said());
}

TEST(HostileBroker, MayChangeBytes) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string stream = good_stream();
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const auto at = random() % stream.size();
      if (random() % 4 == 0)
        stream.erase(at, 1);
      else if (random() % 4 == 0)
        stream.insert(at, 1, static_cast<char>(random()));
      else
        stream[at] = static_cast<char>(random());
    }
    Conversation conversation(round % 2 == 0 ? Version::v5 : Version::v3_1_1);
    conversation.receive(stream);
  }
}

TEST(HostileBroker, MaySendAnything) {
  std::mt19937 random(6);
  for (int round = 0; round < 20'000; ++round) {
    Conversation conversation(round % 2 == 0 ? Version::v5 : Version::v3_1_1);
    if (round % 4 < 2) conversation.receive(hex(round % 2 == 0 ? "20 03 00 00 00" : "20 02 00 00"));
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    // Likely enough to get beyond the first byte.
    if (!bytes.empty() && random() % 2 == 0) bytes[0] = "\x20\x30\x32\x34\x40\x50\x62\x70\xD0\xE0"[random() % 10];
    conversation.receive(bytes);
    conversation.receive(bytes);
  }
}

TEST(HostileBroker, MaySendWithoutEnd) {
  std::mt19937 random(7);
  for (const char* const first : {"20", "30", "32", "40", "62", "E0"}) {
    Conversation conversation(Version::v5);
    conversation.receive(hex("20 03 00 00 00"));
    conversation.receive(hex(std::string(first) + " FF FF FF 7F FF FF"));
    for (int piece = 0; piece < 100; ++piece) conversation.receive(std::string(10'000, static_cast<char>(random())));
  }
}

}  // namespace
}  // namespace pbxbridge::mqtt
