#include "net/http_request.hpp"
#include "support/tcp_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace pbxbridge::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

HttpRequest request_to(const test::TcpPeer& peer) {
  HttpRequest request;
  request.server.host = "127.0.0.1";
  request.server.port = peer.port();
  request.authority = "pbx.example.com";
  request.target = "/api/sessions";
  request.answer_size_max = 1000;
  return request;
}

Result<HttpAnswer> ask(const std::string& answer, std::chrono::milliseconds limit = 20s) {
  test::TcpPeer peer([&](const test::TcpConversation& conversation, int) {
    conversation.read_to("\r\n\r\n");
    conversation.write(answer);
  });
  return exchange(request_to(peer), limit, [] { return false; });
}

TEST(HttpRequestTest, HasItsHeadersAndItsBody) {
  std::string head, body;
  test::TcpPeer peer([&](const test::TcpConversation& conversation, int) {
    head = conversation.read_to("\r\n\r\n");
    body = conversation.read(3);
    conversation.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
  });
  HttpRequest request = request_to(peer);
  request.method = "POST";
  request.headers = {{"Accept", "text/plain"}};
  request.body = "a=b";
  const auto answer = exchange(request, 20s, [] { return false; });
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 201U);
  EXPECT_EQ(answer->body, "ok");
  EXPECT_THAT(head, HasSubstr("POST /api/sessions HTTP/1.1\r\nHost: pbx.example.com\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(head, HasSubstr("Accept: text/plain\r\n"));
  EXPECT_EQ(body, "a=b");
}

TEST(HttpRequestTest, TakesAnAnswerInChunksAndOneThatEndsWithItsConnection) {
  const auto chunked = ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_TRUE(chunked) << chunked.error().text;
  EXPECT_EQ(chunked->body, "abcde");
  const auto ended = ask("HTTP/1.1 500 Sorry\r\n\r\nabc");
  ASSERT_TRUE(ended) << ended.error().text;
  EXPECT_EQ(ended->status, 500U);
  EXPECT_EQ(ended->body, "abc");
}

TEST(HttpRequestTest, TakesTheAnswerAfterInterimOnes) {
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (const std::string interim :
       {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Whatever\r\n\r\n"}) {
    const auto answer = ask(interim + last);
    ASSERT_TRUE(answer) << interim << answer.error().text;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_FALSE(ask(interim)) << "the connection ends without an answer";
  }
}

TEST(HttpRequestTest, TakesTheAnswerAfterAnInterimOneThatCameBefore) {
  test::TcpPeer peer([](const test::TcpConversation& conversation, int) {
    conversation.read_to("\r\n\r\n");
    conversation.write("HTTP/1.1 100 Continue\r\n\r\n");
    conversation.read(3);  // the client has not ended
    conversation.write("HTTP/1.1 201 Created\r\n\r\nab");
  });
  HttpRequest request = request_to(peer);
  request.method = "POST";
  request.body = "a=b";
  const auto answer = exchange(request, 20s, [] { return false; });
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 201U);
  EXPECT_EQ(answer->body, "ab");
}

TEST(HttpRequestTest, FailsOnInterimAnswersWithoutEndAndOnAnotherProtocol) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  const auto endless = ask(many + "HTTP/1.1 200 OK\r\n\r\n");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().text, "it sent 11 interim answers, the last with HTTP status 100, and no final one");
  const auto switched = ask("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  ASSERT_FALSE(switched);
  EXPECT_EQ(switched.error().text, "it answered with HTTP status 101");
}

TEST(HttpRequestTest, LeavesWhatComesAfterTheAnswer) {
  const auto answer = ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Sorry\r\n\r\n");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->body, "ok");
}

TEST(HttpRequestTest, FailsOnWhatIsNoAnswer) {
  for (const std::string answer : {"", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"})
    EXPECT_FALSE(ask(answer)) << answer;
}

TEST(HttpRequestTest, FailsOnAnAnswerThatIsTooLarge) {
  for (const std::string head : {"Content-Length: 1000000\r\n\r\n", "\r\n"}) {
    const auto answer = ask("HTTP/1.1 200 OK\r\n" + head + std::string(1'000'000, 'x'));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().text, "its answer is too large");
  }
  EXPECT_FALSE(ask("HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x')));
}

TEST(HttpRequestTest, IsGivenUpWhereTheAnswerDrips) {
  test::TcpPeer peer([&](const test::TcpConversation& conversation, int) {
    conversation.read_to("\r\n\r\n");
    conversation.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 100 && conversation.read(0).empty(); ++i) {
      conversation.write("x");
      std::this_thread::sleep_for(20ms);
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = exchange(request_to(peer), 200ms, [] { return false; });
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().text, HasSubstr("no answer within 200 ms (waiting for the answer)"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1900ms) << "what comes does not prolong it";
}

TEST(HttpRequestTest, EndsSoonAfterItIsToStop) {
  test::TcpPeer peer([](const test::TcpConversation& conversation, int) { conversation.read_to("never"); });
  EXPECT_FALSE(exchange(request_to(peer), 1h, [] { return true; }));
}

}  // namespace
}  // namespace pbxbridge::net
