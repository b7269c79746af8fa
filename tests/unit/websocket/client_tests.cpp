#include "websocket/client.hpp"
#include "websocket/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

namespace pbxbridge::websocket {
namespace {

using Kind = Client::Incoming::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t limit = 1000;

std::string frame(int first, const std::string& payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else {
    bytes += '\x7e';
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size());
  }
  return bytes + payload;
}

constexpr int text = 0x81, binary = 0x82, text_begin = 0x01, more = 0x00, end = 0x80, ping = 0x89, pong = 0x8a,
              close_frame = 0x88;

/// Runs a client, and puts what it made of the bytes, and what it left, into words.
class WebSocketClient : public testing::Test {
 protected:
  WebSocketClient() { open_anew(); }

  void open_anew() {
    client.emplace(
        Client::Settings{.authority = "pbx", .target = "/wsi", .subprotocol = "", .max_message_bytes = limit});
    open(*client);
  }

  static void open(Client& opened) {
    opened.begin();
    const std::string& request = opened.output();
    const std::string before = "Sec-WebSocket-Key: ";
    const auto at = request.find(before) + before.size();
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " +
        accept_value(request.substr(at, 24)) + "\r\n\r\n";
    std::string_view bytes = answer;
    EXPECT_EQ(opened.next(bytes).kind, Kind::opened);
    EXPECT_TRUE(bytes.empty());
    opened.output().clear();
  }

  static std::string in_words(const Client::Incoming& incoming) {
    switch (incoming.kind) {
      case Kind::text:
        return "text " + std::string(incoming.message);
      case Kind::binary:
        return "binary " + std::string(incoming.message);
      case Kind::too_large:
        return "too large " + std::to_string(incoming.size);
      case Kind::control:
        return "control";
      case Kind::closed:
        return "closed " + std::to_string(incoming.close_code) + std::string(incoming.message);
      case Kind::failed:
        return "failed: " + incoming.detail;
      case Kind::opened:
        return "opened";
      case Kind::nothing:
        return "nothing";
    }
    return {};
  }

  /// Hands over pieces of the given size, as a socket might.
  std::vector<std::string> take(const std::string& bytes, std::size_t piece = 1'000'000) {
    std::vector<std::string> taken;
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      waiting += bytes.substr(at, piece);
      std::string_view rest = waiting;
      for (auto incoming = client->next(rest); incoming.kind != Kind::nothing; incoming = client->next(rest))
        taken.push_back(in_words(incoming));
      waiting.erase(0, waiting.size() - rest.size());
    }
    return taken;
  }

  /// Frames that it sent, without the masks: opcode and payload.
  std::vector<std::string> sent() {
    std::vector<std::string> frames;
    for (std::string_view rest = client->output(); rest.size() >= 6;) {
      const auto size = static_cast<std::size_t>(rest[1] & 0x7f);
      std::string payload(rest.substr(6, size));
      for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ rest[2 + i % 4]);
      frames.push_back(std::to_string(rest[0] & 0x0f) + ' ' + payload);
      rest.remove_prefix(6 + size);
    }
    return frames;
  }

  std::optional<Client> client;
};

TEST_F(WebSocketClient, TellsMessagesOfWhateverPieces) {
  const std::string large(limit, 'x');
  const std::string bytes = frame(text, "one") + frame(binary, "two") + frame(text, "") + frame(text, large);
  for (const std::size_t piece : {1, 2, 3, 7, 500, 5000})
    EXPECT_THAT(take(bytes, piece), ElementsAre("text one", "binary two", "text ", "text " + large)) << piece;
}

TEST_F(WebSocketClient, ViewsAMessageInPlace) {
  const std::string bytes = frame(text, "in place");
  std::string_view rest = bytes;
  EXPECT_EQ(client->next(rest).message.data(), bytes.data() + 2);
}

TEST_F(WebSocketClient, JoinsFragmentsAcrossControlFrames) {
  const std::string bytes = frame(text_begin, "a") + frame(ping, "p") + frame(more, "b") + frame(end, "c");
  EXPECT_THAT(take(bytes, 1), ElementsAre("control", "text abc"));
  EXPECT_THAT(sent(), ElementsAre("10 p"));
}

TEST_F(WebSocketClient, SkipsWhatIsTooLargeAndGoesOn) {
  const std::string over(limit + 1, 'x');
  for (const std::size_t piece : {1, 100, 5000})
    EXPECT_THAT(take(frame(text, over) + frame(text, "next"), piece), ElementsAre("too large 1001", "text next"));
}

TEST_F(WebSocketClient, SkipsAMessageWhoseFragmentsAreTooLargeTogether) {
  const std::string half(limit / 2 + 1, 'x');
  const std::string bytes = frame(text_begin, half) + frame(ping, "") + frame(more, half) + frame(end, "") +
                            frame(text_begin, "a") + frame(end, "b");
  for (const std::size_t piece : {1, 100, 5000})
    EXPECT_THAT(take(bytes, piece), ElementsAre("control", "too large 1002", "text ab")) << piece;
}

std::string repeated(const std::string& bytes, std::size_t times) {
  std::string all;
  all.reserve(bytes.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += bytes;
  return all;
}

// A peer decides how many frames come, and with them how deep a client that calls itself for each would go.

TEST_F(WebSocketClient, SkipsAMessageInAnyNumberOfEmptyFragments) {
  const std::string over(limit + 1, 'x');
  const std::string bytes =
      frame(text_begin, over) + repeated(frame(more, ""), 90'000) + frame(end, "") + frame(text, "next");
  for (const std::size_t piece : {1, 3, 65'537, 1'000'000})
    EXPECT_THAT(take(bytes, piece), ElementsAre("too large 1001", "text next")) << piece;
}

TEST_F(WebSocketClient, SkipsAMessageInAnyNumberOfSmallFragments) {
  const std::string bytes = frame(text_begin, "xy") + repeated(frame(more, "xy"), 800'000) + frame(end, "xy") +
                            frame(text_begin, "a") + frame(end, "b");
  for (const std::size_t piece : {9, 65'537, 10'000'000})
    EXPECT_THAT(take(bytes, piece), ElementsAre("too large 1600004", "text ab")) << piece;
}

TEST_F(WebSocketClient, JoinsAnyNumberOfSmallFragments) {
  client.emplace(
      Client::Settings{.authority = "pbx", .target = "/wsi", .subprotocol = "", .max_message_bytes = 2'000'000});
  open(*client);
  const std::string bytes = frame(text_begin, "xy") + repeated(frame(more, "xy"), 800'000) + frame(end, "xy");
  const auto taken = take(bytes, 65'537);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken.front(), "text " + repeated("xy", 800'002));
}

TEST_F(WebSocketClient, TakesAnyNumberOfControlFramesBetweenFragments) {
  constexpr std::size_t pings = 200'000;
  const std::string over(limit + 1, 'x');
  for (const std::string& begin : {frame(text_begin, "a"), frame(text_begin, over)}) {
    const auto taken = take(begin + repeated(frame(ping, ""), pings) + frame(end, "") + frame(text, "next"), 65'537);
    EXPECT_EQ(taken.size(), pings + 2);
    EXPECT_EQ(taken.back(), "text next");
  }
}

TEST_F(WebSocketClient, TakesAnyNumberOfEmptyMessages) {
  EXPECT_EQ(take(repeated(frame(text, ""), 200'000), 65'537).size(), 200'000U);
}

TEST_F(WebSocketClient, EndsAMessageThatHoldsNothingAndGoesOnForEver) {
  for (const std::string& begin : {frame(text_begin, ""), frame(text_begin, std::string(limit + 1, 'x'))}) {
    open_anew();
    EXPECT_THAT(take(begin + repeated(frame(more, ""), 1'000'000), 65'537),
                ElementsAre(HasSubstr("a message with more than 100000 empty fragments")));
    EXPECT_THAT(sent(), ElementsAre(HasSubstr("8 \x03\xea")));
  }
}

TEST_F(WebSocketClient, DoesNotKeepWhatItSkips) {
  std::string over = frame(text, std::string(60'000, 'x'));
  std::string_view rest = over;
  rest = rest.substr(0, 30'000);
  EXPECT_EQ(client->next(rest).kind, Kind::nothing);
  EXPECT_TRUE(rest.empty());
}

TEST_F(WebSocketClient, RejectsWhatBreaksTheProtocol) {
  EXPECT_THAT(take(frame(more, "x")), ElementsAre(HasSubstr("continued a message that it had not begun")));
  EXPECT_THAT(sent(), ElementsAre(HasSubstr("8 \x03\xea")));
  EXPECT_THAT(take(frame(text, "after it nothing is told")), ElementsAre());
}

TEST_F(WebSocketClient, RejectsAMessageWithinAnother) {
  EXPECT_THAT(take(frame(text_begin, "x") + frame(text, "y")), ElementsAre(HasSubstr("within another")));
}

TEST_F(WebSocketClient, RejectsTextThatIsNoUtf8) {
  EXPECT_THAT(take(frame(text_begin, "\xc3") + frame(end, "\xa4")), ElementsAre("text \xc3\xa4"));
  EXPECT_THAT(take(frame(binary, "\xff")), ElementsAre("binary \xff"));
  EXPECT_THAT(take(frame(text, "\xff")), ElementsAre(HasSubstr("not valid UTF-8")));
  EXPECT_THAT(sent(), ElementsAre("8 \x03\xef"));
}

TEST_F(WebSocketClient, TellsTextThatIsNotUtf8AsItCameWhereThatIsWanted) {
  client.emplace(Client::Settings{
      .authority = "pbx", .target = "/wsi", .subprotocol = "", .max_message_bytes = limit, .strict_utf8 = false});
  open(*client);
  const std::string bytes = frame(text, "\xff") + frame(text_begin, "\xc3") + frame(end, "x") + frame(text, "next") +
                            frame(close_frame, "\x03\xe9\xfc");
  EXPECT_THAT(take(bytes), ElementsAre("text \xff", "text \xc3x", "text next", "closed 1001\xfc"));
}

TEST_F(WebSocketClient, AnswersACloseWithItsCode) {
  EXPECT_THAT(take(frame(close_frame,
                         "\x03\xe9"
                         "going away")),
              ElementsAre("closed 1001going away"));
  EXPECT_THAT(sent(), ElementsAre("8 \x03\xe9"));
}

TEST_F(WebSocketClient, AnswersACloseWithoutACode) {
  EXPECT_THAT(take(frame(close_frame, "")), ElementsAre("closed 0"));
  EXPECT_THAT(sent(), ElementsAre("8 "));
}

TEST_F(WebSocketClient, RejectsACloseThatMayNotBeSent) {
  EXPECT_THAT(take(frame(close_frame, "\x03\xed")), ElementsAre(HasSubstr("failed")));
}

TEST_F(WebSocketClient, HandsOverWhatComesBetweenItsCloseAndTheAnswer) {
  client->close();
  client->send_text("not after a close");
  EXPECT_THAT(take(frame(text, "last") + frame(close_frame, "\x03\xe8")), ElementsAre("text last", "closed 1000"));
  EXPECT_THAT(sent(), ElementsAre("8 \x03\xe8"));
}

TEST_F(WebSocketClient, TakesAnyBytesWithoutHarm) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    open_anew();
    std::string bytes = frame(text_begin, "a") + frame(end, "b") + frame(ping, "");
    for (int i = 0; i < 8; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    for (int i = 0; i < 200; ++i) bytes += static_cast<char>(random());
    const auto taken = take(bytes, 1 + random() % 50);
    EXPECT_LE(taken.size(), bytes.size());
  }
}

}  // namespace
}  // namespace pbxbridge::websocket
