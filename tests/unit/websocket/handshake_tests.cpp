#include "websocket/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::websocket {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

// The key and its answer of RFC 6455, section 1.3.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accepted =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

std::string answer_with(std::string_view from, std::string_view to) {
  std::string answer(accepted);
  answer.replace(answer.find(from), from.size(), to);
  return answer;
}

std::string wrong_in(const std::string& text, std::string_view subprotocol = {}) {
  const auto answer = read_handshake_answer(text, key, subprotocol);
  return answer ? answer->wrong : "it waits for more";
}

TEST(Handshake, AsksForWhatTheStandardSays) {
  const auto request = handshake_request({"pbx.example.com:8887", "/wsi?a=b", "mqtt"}, key);
  EXPECT_TRUE(request.starts_with("GET /wsi?a=b HTTP/1.1\r\nHost: pbx.example.com:8887\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nSec-WebSocket-Protocol: mqtt\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST(Handshake, TakesTheAnswerThatFitsItsKeyAndLeavesWhatComesBehind) {
  const std::string with_frame = std::string(accepted) + "\x81\x01x";
  const auto answer = read_handshake_answer(with_frame, key, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->wrong, "");
  EXPECT_EQ(answer->size_bytes, accepted.size());
}

TEST(Handshake, WaitsForTheWholeAnswer) {
  for (std::size_t size = 0; size < accepted.size(); ++size)
    EXPECT_FALSE(read_handshake_answer(accepted.substr(0, size), key, {}).has_value()) << size;
}

TEST(Handshake, RefusesAnotherAnswer) {
  EXPECT_THAT(wrong_in(answer_with("101 Switching Protocols", "404 Not Found")), HasSubstr("HTTP status 404"));
  EXPECT_THAT(wrong_in(answer_with("s3pPL", "t3pPL")), HasSubstr("not for this request"));
  EXPECT_THAT(wrong_in(answer_with("WebSocket", "h2c")), HasSubstr("something else"));
  EXPECT_THAT(wrong_in("\x15\x03\x01\x00\x02\x02\x28\r\n\r\n"s), HasSubstr("the WebSocket handshake failed"));
  EXPECT_THAT(wrong_in(std::string(20'000, 'x')), HasSubstr("the WebSocket handshake failed"));
}

TEST(Handshake, ExpectsTheSubprotocolThatItOffered) {
  const auto with_mqtt = answer_with("Upgrade: WebSocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: mqtt");
  EXPECT_EQ(wrong_in(with_mqtt, "mqtt"), "");
  EXPECT_THAT(wrong_in(std::string(accepted), "mqtt"), HasSubstr("subprotocol mqtt"));
  EXPECT_THAT(wrong_in(with_mqtt), HasSubstr("subprotocol"));
}

TEST(Handshake, HasAKeyOfItsOwnEachTime) {
  EXPECT_NE(make_key(), make_key());
  EXPECT_EQ(make_key().size(), 24U);
}

}  // namespace
}  // namespace pbxbridge::websocket
