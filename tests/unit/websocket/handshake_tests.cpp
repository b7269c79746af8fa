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

std::string rejection_of(const std::string& text, std::string_view subprotocol = {}) {
  const auto answer = read_handshake_answer(text, key, subprotocol, {});
  if (!answer) return "it waits for more";
  return answer->rejection ? answer->rejection->text : "";
}

TEST(Handshake, AsksForWhatTheStandardSays) {
  const auto request = handshake_request({"pbx.example.com:8887", "/wsi?a=b", "mqtt"}, key);
  EXPECT_TRUE(request.starts_with("GET /wsi?a=b HTTP/1.1\r\nHost: pbx.example.com:8887\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nSec-WebSocket-Protocol: mqtt\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST(Handshake, SendsFurtherHeaders) {
  const auto request =
      handshake_request({"a", "/", "mqtt", {{"Authorization", "Bearer x"}, {"X-Site", "berlin"}}}, key);
  EXPECT_TRUE(request.ends_with("\r\nAuthorization: Bearer x\r\nX-Site: berlin\r\n\r\n"));
}

TEST(Handshake, TakesTheAnswerThatFitsItsKeyAndLeavesWhatComesBehind) {
  const std::string with_frame = std::string(accepted) + "\x81\x01x";
  const auto answer = read_handshake_answer(with_frame, key, {}, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->rejection.has_value());
  EXPECT_EQ(answer->size_bytes, accepted.size());
}

TEST(Handshake, WaitsForTheWholeAnswer) {
  for (std::size_t size = 0; size < accepted.size(); ++size)
    EXPECT_FALSE(read_handshake_answer(accepted.substr(0, size), key, {}, {}).has_value()) << size;
}

TEST(Handshake, RejectsAnotherAcceptance) {
  EXPECT_THAT(rejection_of(answer_with("s3pPL", "t3pPL")), HasSubstr("its answer is not for this request"));
  EXPECT_THAT(rejection_of(answer_with("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "")),
              HasSubstr("lacks Sec-WebSocket-Accept"));
  EXPECT_THAT(rejection_of(answer_with("WebSocket", "h2c")), HasSubstr("something else"));
  EXPECT_THAT(rejection_of(answer_with("Connection: keep-alive, Upgrade\r\n", "")), HasSubstr("something else"));
}

TEST(Handshake, TellsEachStatusAndWhatItAsksFor) {
  EXPECT_THAT(rejection_of(answer_with("101 Switching Protocols", "404 Not Found")), HasSubstr("HTTP status 404"));
  const auto answer = read_handshake_answer(
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nsorry", key,
      {}, {});
  ASSERT_TRUE(answer && answer->rejection);
  EXPECT_EQ(answer->rejection->category, ErrorCategory::rejected);
  EXPECT_EQ(answer->rejection->wait, std::chrono::seconds(7));
  EXPECT_THAT(rejection_of("HTTP/1.1 302 Found\r\nLocation: https://a:b@pbx/login?c=d\r\n\r\n"),
              HasSubstr("it redirects to https://pbx/login, which"));
}

TEST(Handshake, NeedsNoBodyOfAnAnswer) {
  for (const char* rest : {"Transfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nffffffff\r\nx",
                           "Transfer-Encoding: chunked\r\n\r\nno chunk", "Content-Length: 99999999999\r\n\r\n<html>",
                           "Content-Length: 0\r\n\r\n", "\r\n", "Content-Encoding: gzip\r\n\r\n\x1f\x8b"})
    EXPECT_THAT(rejection_of("HTTP/1.1 503 Service Unavailable\r\n" + std::string(rest)), HasSubstr("HTTP status 503"))
        << rest;
}

TEST(Handshake, TellsTheStatusOfAMalformedAnswer) {
  for (const char* rest : {"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "no header\r\n\r\n", "a\x01: b\r\n\r\n",
                           "Content-Length: x\r\n\r\n", "a: b\n\n"})
    EXPECT_THAT(rejection_of("HTTP/1.1 502 Bad Gateway\r\n" + std::string(rest)), HasSubstr("HTTP status 502")) << rest;
  EXPECT_THAT(rejection_of("HTTP/1.1 101 Switching Protocols\r\nno header\r\n\r\n"), HasSubstr("malformed"));
  EXPECT_THAT(rejection_of("HTTP/1.1 999999 x\r\n\r\n"), HasSubstr("malformed"));
  EXPECT_THAT(rejection_of("HTTP/3.7 200 OK\r\n\r\n"), HasSubstr("malformed"));
}

TEST(Handshake, BoundsTheHeader) {
  std::string endless = "HTTP/1.1 200 OK\r\n";
  while (endless.size() < 20'000) endless += "X-Header: y\r\n";
  EXPECT_THAT(rejection_of(endless), HasSubstr("HTTP status 200"));
  EXPECT_THAT(rejection_of("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')), HasSubstr("HTTP status 200"));
  std::string interim;
  while (interim.size() < 20'000) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_THAT(rejection_of(interim), HasSubstr("the WebSocket handshake failed"));
}

TEST(Handshake, PassesOverInterimAnswers) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const std::string whole = interim + std::string(accepted);
  const auto answer = read_handshake_answer(whole + "\x81\x01x", key, {}, {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->rejection.has_value());
  EXPECT_EQ(answer->size_bytes, whole.size());
  EXPECT_EQ(rejection_of(interim), "it waits for more");
}

TEST(Handshake, TakesHttp10) {
  EXPECT_THAT(rejection_of("HTTP/1.0 200 OK\r\nServer: old\r\n\r\n<html>"), HasSubstr("not a WebSocket service"));
  EXPECT_EQ(rejection_of(answer_with("HTTP/1.1", "HTTP/1.0")), "") << "it proves by its key that it knows WebSocket";
}

TEST(Handshake, SaysWhatDoesNotSpeakHttp) {
  for (const std::string& tls : {"\x15\x03\x01\x00\x02\x02\x28"s, "\x15\x03\x01"s, "\x16\x03\x03\x00\x7a\x02"s})
    EXPECT_THAT(rejection_of(tls), HasSubstr("the WebSocket handshake failed: that port speaks TLS"));
  EXPECT_THAT(rejection_of("SSH-2.0-OpenSSH_9.2\r\n"), HasSubstr("begins with \"SSH-2.0-OpenSSH_9.2  \""));
  EXPECT_THAT(rejection_of("SIP/2.0 400 Bad Request\r\n\r\n"), HasSubstr("does not speak HTTP"));
  EXPECT_THAT(rejection_of(std::string(20'000, 'x')), HasSubstr("\"" + std::string(40, 'x') + "...\""));
  EXPECT_THAT(rejection_of(std::string(200, '\0')), HasSubstr("does not speak HTTP"));
}

TEST(Handshake, ExpectsTheSubprotocolThatItOffered) {
  const auto with_mqtt = answer_with("Upgrade: WebSocket", "Upgrade: websocket\r\nSec-WebSocket-Protocol: mqtt");
  EXPECT_EQ(rejection_of(with_mqtt, "mqtt"), "");
  EXPECT_THAT(rejection_of(std::string(accepted), "mqtt"), HasSubstr("subprotocol mqtt"));
  EXPECT_THAT(rejection_of(with_mqtt), HasSubstr("subprotocol"));
}

// RFC 6455, 4.1.
TEST(Handshake, RejectsAnExtensionThatItDidNotOffer) {
  const auto with = [](const std::string& value) {
    return answer_with("Upgrade: WebSocket", "Upgrade: websocket\r\nSec-WebSocket-Extensions: " + value);
  };
  EXPECT_THAT(rejection_of(with("permessage-deflate; server_no_context_takeover")), HasSubstr("an extension"));
  EXPECT_EQ(rejection_of(with("")), "");
}

TEST(Handshake, HasAKeyOfItsOwnEachTime) {
  EXPECT_NE(make_key(), make_key());
  EXPECT_EQ(make_key().size(), 24U);
}

}  // namespace
}  // namespace pbxbridge::websocket
