#include "net/stream.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <thread>

namespace pbxbridge::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// A server on a port of its own, for one connection, in a thread of its own.
class Peer {
 public:
  using Script = std::function<void(tcp::socket& socket)>;

  explicit Peer(Script script)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), thread_([this, script = std::move(script)] {
          tcp::socket socket(io_);
          acceptor_.accept(socket);
          script(socket);
        }) {}
  ~Peer() { thread_.join(); }

  StreamSettings settings() const {
    return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port(), .tls = {}};
  }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

std::string read_to_the_end(tcp::socket& socket) {
  std::string text;
  boost::system::error_code error;
  asio::read(socket, asio::dynamic_buffer(text), error);
  return error == asio::error::eof ? text : text + " and " + error.message();
}

class StreamTest : public testing::Test, public StreamListener {
 protected:
  void on_progress(std::string phase) override { progress += phase + "; "; }
  void on_open() override { opened = true; }
  std::size_t on_bytes(std::string_view bytes) override {
    ++offers;
    const std::size_t taken = take ? take(bytes) : bytes.size();
    received += bytes.substr(0, taken);
    return taken;
  }
  void on_written() override { written = true; }
  void on_closed(const Error& error) override { closed = error.text; }

  void open(const StreamSettings& settings) { stream = open_stream(io.get_executor(), settings, *this); }
  template <class Condition>
  [[nodiscard]] bool run_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(100ms);
    }
    return condition();
  }

  asio::io_context io;
  std::shared_ptr<Stream> stream;
  std::function<std::size_t(std::string_view)> take;
  std::string progress, received;
  int offers = 0;
  bool opened = false, written = false;
  std::optional<std::string> closed;
};

TEST_F(StreamTest, SendsInOrderAndTellsWhenAllIsWritten) {
  std::string got;
  {
    Peer peer([&](tcp::socket& socket) { got = read_to_the_end(socket); });
    open(peer.settings());
    stream->write("before it is open, ");
    ASSERT_TRUE(run_until([&] { return opened; }));
    stream->write("and after");
    EXPECT_GT(stream->unwritten(), 0U);
    ASSERT_TRUE(run_until([&] { return written && stream->unwritten() == 0; }));
    stream->abort();
  }
  EXPECT_EQ(got, "before it is open, and after");
  EXPECT_THAT(progress, HasSubstr("looking up 127.0.0.1; connecting to 127.0.0.1"));
}

TEST_F(StreamTest, OffersAgainWhatWasNotTaken) {
  std::promise<void> rejected;
  take = [&](std::string_view bytes) {
    if (offers == 1) rejected.set_value();
    return bytes.size() < 6 ? 0 : bytes.size();
  };
  Peer peer([&](tcp::socket& socket) {
    asio::write(socket, asio::buffer("abc", 3));
    // The rest is sent only now, so that the kernel cannot join the two.
    if (rejected.get_future().wait_for(20s) != std::future_status::ready) return;
    asio::write(socket, asio::buffer("def", 3));
    read_to_the_end(socket);
  });
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return received == "abcdef"; }));
  EXPECT_GT(offers, 1);
  stream->abort();
}

TEST_F(StreamTest, KeepsAsMuchAsTheListenerLeaves) {
  constexpr std::size_t large = 3'000'000;
  take = [](std::string_view bytes) { return bytes.size() < large ? 0 : bytes.size(); };
  Peer peer([](tcp::socket& socket) {
    asio::write(socket, asio::buffer(std::string(large, 'x')));
    read_to_the_end(socket);
  });
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return !received.empty(); }));
  EXPECT_EQ(received, std::string(large, 'x'));
  stream->abort();
}

TEST_F(StreamTest, OffersNothingWhileItIsPausedAndTheRestBehind) {
  take = [this](std::string_view) {
    if (offers == 3) stream->pause_reading();
    return 1;
  };
  Peer peer([](tcp::socket& socket) {
    asio::write(socket, asio::buffer("abcdef", 6));
    read_to_the_end(socket);
  });
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return received == "abc"; }));
  io.restart();
  io.run_for(50ms);
  EXPECT_EQ(received, "abc");
  stream->resume_reading();
  EXPECT_EQ(received, "abc");
  ASSERT_TRUE(run_until([&] { return received == "abcdef"; }));
  stream->abort();
}

TEST_F(StreamTest, LetsBytesGatherUntilThereAreEnoughOrEachCountsAgain) {
  std::atomic<int> sent = 0;
  Peer peer([&](tcp::socket& socket) {
    char turn = 0;
    boost::system::error_code end;
    for (const char* text : {"a", "bcd", "efghi", "jk"}) {
      asio::write(socket, asio::buffer(text, std::strlen(text)));
      ++sent;
      asio::read(socket, asio::buffer(&turn, 1), end);
    }
  });
  const auto next = [&] {
    const int before = sent;
    stream->write("x");
    return run_until([&] { return sent > before; });
  };
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return received == "a"; }));
  stream->gather(8);
  ASSERT_TRUE(next());
  while (io.run_one_for(100ms) > 0) {
  }
  EXPECT_EQ(received, "a") << "three of eight bytes";
  ASSERT_TRUE(next());
  EXPECT_TRUE(run_until([&] { return received == "abcdefghi"; })) << received;
  ASSERT_TRUE(next());
  EXPECT_EQ(received, "abcdefghi");
  stream->gather(1);
  EXPECT_TRUE(run_until([&] { return received == "abcdefghijk"; })) << received;
  stream->abort();
}

TEST_F(StreamTest, ReadsNoMoreOfAPeerThatDoesNotReadTheAnswers) {
  constexpr std::size_t questions = 64 * 1024 * 1024;
  std::size_t taken = 0;
  take = [&](std::string_view bytes) -> std::size_t {
    taken += bytes.size();
    stream->write(std::string(3 * bytes.size(), 'x'));
    received.clear();
    return bytes.size();
  };
  std::atomic<bool> reads = false;
  std::size_t answered = 0;
  Peer peer([&](tcp::socket& socket) {
    boost::system::error_code ended;
    std::thread questioner([&] {
      boost::system::error_code unsent;
      asio::write(socket, asio::buffer(std::string(questions, '?')), unsent);
    });
    while (!reads) std::this_thread::yield();
    std::string answers(1024 * 1024, '\0');
    while (answered < 3 * questions && !ended) answered += socket.read_some(asio::buffer(answers), ended);
    questioner.join();
  });
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return taken > 0; }));
  while (io.run_one_for(300ms) > 0) {
  }
  EXPECT_LT(taken, questions);
  EXPECT_LT(stream->unwritten(), 5U * 1024 * 1024);
  reads = true;
  EXPECT_TRUE(run_until([&] { return taken == questions && stream->unwritten() == 0; })) << taken;
  stream->close();
  static_cast<void>(run_until([&] { return io.stopped(); }));
}

TEST_F(StreamTest, CloseSendsWhatWasWrittenAndThrowsNothingBack) {
  std::string got;
  {
    Peer peer([&](tcp::socket& socket) {
      asio::write(socket, asio::buffer(std::string(1'000'000, 'x')));
      got = read_to_the_end(socket);
    });
    open(peer.settings());
    ASSERT_TRUE(run_until([&] { return opened; }));
    stream->pause_reading();
    stream->write("good-bye");
    stream->close();
    io.restart();
    io.run();
  }
  EXPECT_EQ(got, "good-bye");
  EXPECT_FALSE(closed.has_value());
}

TEST_F(StreamTest, TellsOnceHowItEnded) {
  Peer peer([](tcp::socket&) {});
  open(peer.settings());
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_EQ(*closed, "it ended the connection without a word");
  stream->write("nobody reads it");
  stream->close();
}

TEST_F(StreamTest, TellsWhyItCouldNotConnect) {
  asio::io_context other;
  tcp::acceptor free_port(other, {asio::ip::address_v4::loopback(), 0});
  const auto port = free_port.local_endpoint().port();
  free_port.close();
  open({.host = "127.0.0.1", .port = port, .tls = {}});
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_THAT(*closed, HasSubstr("Connection refused"));
}

TEST_F(StreamTest, TellsWhatIsWrongWithASetting) {
  open({.host = "127.0.0.1", .port = 1, .uses_tls = true, .tls = {.ca_file = "/nowhere/ca.pem"}});
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_THAT(*closed, HasSubstr("ca_file /nowhere/ca.pem is not usable"));
}

TEST_F(StreamTest, WaitsForNoWriterOfAPipe) {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory / "ca.pem";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  open({.host = "127.0.0.1", .port = 1, .uses_tls = true, .tls = {.ca_file = pipe}});
  ASSERT_TRUE(run_until([&] { return closed.has_value(); }));
  EXPECT_THAT(*closed, HasSubstr("is a pipe"));
}

}  // namespace
}  // namespace pbxbridge::net
