#include "admin/http_server.hpp"
#include "support/wait.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace pbxbridge::admin {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

class HttpServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::listen(io_, "127.0.0.1:0", [](const Request& request) {
      return Response{200, "text/plain", std::string(request.method) + " " + std::string(request.target)};
    });
    ASSERT_TRUE(server.has_value());
    server_ = std::move(server.value());
    port_ = server_->address().substr(server_->address().rfind(':') + 1);
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    io_.stop();
    thread_.join();
  }

  std::string exchange(const std::string& request) {
    boost::asio::io_context io;
    tcp::socket socket(io);
    boost::asio::connect(socket, tcp::resolver(io).resolve("127.0.0.1", port_));
    boost::system::error_code end;
    boost::asio::write(socket, boost::asio::buffer(request), end);
    std::string response;
    boost::asio::read(socket, boost::asio::dynamic_buffer(response), end);
    return response;
  }

  boost::asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
  std::string port_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersARequest) {
  const std::string response = exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(response.find("HTTP/1.1 200"), std::string::npos);
  EXPECT_NE(response.find("\r\n\r\nGET /metrics"), std::string::npos);
}

TEST_F(HttpServerTest, AnswersARequestForAWholeUrl) {
  const std::string response = exchange("GET http://127.0.0.1/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(response.find("\r\n\r\nGET /livez"), std::string::npos) << response;
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  const std::string response = exchange("HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(response.find("Content-Length: 11"), std::string::npos);
  EXPECT_TRUE(response.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, SaysWhatIsWrongWithARequestThatItDoesNotServe) {
  const auto status = [this](const std::string& request) { return exchange(request).substr(0, 12); };
  EXPECT_EQ(status("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(status("\x16\x03\x01 no http\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), "HTTP/1.1 413");
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x')), "HTTP/1.1 405");
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na"), "HTTP/1.1 405") << "the rest may never come";
  EXPECT_NE(exchange("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n"), "") << "others are still served";
}

TEST_F(HttpServerTest, GivesARequestThatDripsInNoMoreTimeThanAnother) {
  boost::asio::io_context io;
  auto server = HttpServer::listen(io_, "127.0.0.1:0",
                                   [](const Request&) {
                                     return Response{200, "text/plain", ""};
                                   },
                                   {.request = 300ms});
  ASSERT_TRUE(server.has_value());
  const std::string address = server.value()->address();
  for (const std::string first : {"GET /livez HTTP/1.1\r\nX: ", "GET /", "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /"}) {
    tcp::socket socket(io);
    boost::asio::connect(socket, tcp::resolver(io).resolve("127.0.0.1", address.substr(address.rfind(':') + 1)));
    boost::system::error_code end;
    boost::asio::write(socket, boost::asio::buffer(first), end);
    const auto begin = std::chrono::steady_clock::now();
    while (!end && std::chrono::steady_clock::now() - begin < 20s) {
      std::this_thread::sleep_for(10ms);
      boost::asio::write(socket, boost::asio::buffer("x", 1), end);
    }
    EXPECT_TRUE(end) << first;
  }
  boost::asio::post(io_, [gone = std::shared_ptr<HttpServer>(std::move(server.value()))] {});
}

/// Connections that stay open until they are dropped.
class Crowd {
 public:
  Crowd(const std::string& port, std::size_t size, const std::string& first_bytes) {
    for (std::size_t i = 0; i < size; ++i) {
      auto& socket = sockets_.emplace_back(io_);
      boost::asio::connect(socket, tcp::resolver(io_).resolve("127.0.0.1", port));
      boost::system::error_code closed;  // by the server, for those that came later
      boost::asio::write(socket, boost::asio::buffer(first_bytes), closed);
    }
  }

 private:
  boost::asio::io_context io_;
  std::vector<tcp::socket> sockets_;
};

TEST_F(HttpServerTest, ServesAProbeWithinASecondWhateverOthersHold) {
  const std::string asks_without_end = [] {
    std::string requests;
    for (int i = 0; i < 10'000; ++i) requests += "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    return requests;
  }();
  const std::string begins = "GET /livez HTTP/1.1\r\nHost: x\r\nX-Never-Ending: ";
  const std::string kept_alive = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& first_bytes : {std::string(), std::string("G"), begins, kept_alive, asks_without_end}) {
    const Crowd crowd(port_, first_bytes.size() > 1'000 ? 40 : 200, first_bytes);
    for (int probe = 0; probe < 60; ++probe) {
      const auto begin = std::chrono::steady_clock::now();
      ASSERT_NE(exchange("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n").find("200 OK"), std::string::npos)
          << first_bytes.substr(0, 60);
      ASSERT_LT(std::chrono::steady_clock::now() - begin, 1s) << first_bytes.substr(0, 60);
    }
  }
}

TEST_F(HttpServerTest, ServesAProbeWhileOthersConnectWithoutEnd) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i)
    others.emplace_back([&] {
      while (!stop) Crowd(port_, 48, "G");
    });
  for (int probe = 0; probe < 60; ++probe) {
    // A probe that is not scheduled between its connection and its request may be the oldest there, and asks again.
    const auto deadline = std::chrono::steady_clock::now() + 1s;
    bool is_answered = false;
    while (!is_answered && std::chrono::steady_clock::now() < deadline)
      is_answered = exchange("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n").find("200 OK") != std::string::npos;
    EXPECT_TRUE(is_answered) << probe;
    EXPECT_LT(std::chrono::steady_clock::now(), deadline) << probe;
  }
  stop = true;
  for (auto& thread : others) thread.join();
}

/// A server whose every answer but that to a probe is a feed, on an io thread of its own.
class FeedTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::listen(io_, "127.0.0.1:0", [this](const Request& request) {
      if (request.target == "/livez") return Response{200, "text/plain", "alive\n"};
      Response response{200, "text/event-stream", ""};
      response.feed = feed_;
      return response;
    });
    ASSERT_TRUE(server.has_value());
    server_ = std::move(server.value());
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    io_.stop();
    thread_.join();
  }

  void connect(tcp::socket& socket, const std::string& target = "/events") {
    const std::string address = server_->address();
    boost::asio::connect(socket, tcp::resolver(client_).resolve("127.0.0.1", address.substr(address.rfind(':') + 1)));
    boost::asio::write(socket, boost::asio::buffer("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  static std::string read_until(tcp::socket& socket, const std::string& end) {
    std::string text;
    boost::system::error_code error;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), end, error);
    return text;
  }
  void publish(const std::string& text) {
    boost::asio::post(io_, [this, piece = std::make_shared<const std::string>(text)] { feed_->publish(piece); });
  }
  std::size_t listeners() {
    std::promise<std::size_t> size;
    boost::asio::post(io_, [&] { size.set_value(feed_->size()); });
    return size.get_future().get();
  }

  boost::asio::io_context io_;
  boost::asio::io_context client_;
  std::shared_ptr<Feed> feed_ = std::make_shared<Feed>([] { return std::make_shared<const std::string>("first\n"); });
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(FeedTest, SendsTheFirstPieceAndThenEachThatComes) {
  tcp::socket socket(client_);
  connect(socket);
  EXPECT_NE(read_until(socket, "first\n").find("Content-Type: text/event-stream\r\n"), std::string::npos);
  publish("second\n");
  EXPECT_EQ(read_until(socket, "second\n"), "second\n");
}

TEST_F(FeedTest, AClientThatReadsNothingCostsTwoPiecesAndGetsTheNewestThen) {
  tcp::socket slow(client_);
  connect(slow);
  EXPECT_NE(read_until(slow, "first\n"), "");
  tcp::socket fast(client_);
  connect(fast);
  EXPECT_NE(read_until(fast, "first\n"), "");
  const std::string megabyte(1024 * 1024, 'x');
  for (int i = 0; i < 24; ++i) {
    const std::string mark = "\n" + std::to_string(i) + "\n";
    publish(megabyte + mark);
    const std::string piece = read_until(fast, mark);
    ASSERT_EQ(piece.substr(piece.size() - mark.size()), mark);
  }
  const std::string newest = read_until(slow, "\n23\n");
  EXPECT_TRUE(newest.ends_with("\n23\n"));
  EXPECT_LT(newest.size(), 16 * megabyte.size()) << "those between never come";
}

TEST_F(FeedTest, EndsWhenTheServerSaysSoOrGoes) {
  for (const bool whole_server : {false, true}) {
    tcp::socket socket(client_);
    connect(socket);
    ASSERT_NE(read_until(socket, "first\n"), "");
    boost::asio::post(io_, [this, whole_server] { whole_server ? server_.reset() : server_->close_feeds(); });
    EXPECT_EQ(read_until(socket, "never"), "");
  }
}

TEST_F(FeedTest, KeepsOutNoProbeAndIsBounded) {
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 300; ++i) {
    connect(sockets.emplace_back(client_));
    ASSERT_NE(read_until(sockets.back(), "first\n"), "") << i;
  }
  EXPECT_EQ(listeners(), 256U);
  tcp::socket probe(client_);
  connect(probe, "/livez");
  EXPECT_NE(read_until(probe, "alive\n").find("200 OK"), std::string::npos);
  sockets.clear();
  const auto all_have_gone = [this] {
    publish("x\n");
    return listeners() == 0;
  };
  EXPECT_TRUE(test::eventually(all_have_gone, 20s)) << "nothing is left of those that have gone";
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  const auto taken = HttpServer::listen(io_, server_->address(), {});
  ASSERT_TRUE(taken.has_error());
  EXPECT_EQ(taken.error().text, "cannot listen on " + server_->address() + ": Address already in use");
  EXPECT_EQ(HttpServer::listen(io_, "nonsense", {}).error().text,
            "'nonsense' is not an address and port such as 127.0.0.1:8686");
}

}  // namespace
}  // namespace pbxbridge::admin
