#include "admin/control_socket.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pbxbridge::admin {
namespace {

using boost::asio::local::stream_protocol;

TEST(ControlSocket, AnswersACommandWhateverOthersHold) {
  const test::TemporaryDirectory directory;
  const auto file = directory / "control";
  boost::asio::io_context io;
  auto listening = ControlSocket::listen(io, file, [](std::string_view command, const ControlSocket::Reply& reply) {
    reply("did " + std::string(command));
  });
  ASSERT_TRUE(listening);
  std::thread thread([&] { io.run(); });

  boost::asio::io_context others;
  std::vector<stream_protocol::socket> held;
  for (int i = 0; i < 200; ++i) held.emplace_back(others).connect(stream_protocol::endpoint(file.string()));
  for (int i = 0; i < 20; ++i) {
    const auto answer = ask_control_socket(file, "redrive");
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(*answer, "did redrive");
  }
  // A connection that was closed for a newer one ends for its client.
  char byte = 0;
  boost::system::error_code end;
  held.front().read_some(boost::asio::buffer(&byte, 1), end);
  EXPECT_TRUE(end);

  io.stop();
  thread.join();
}

TEST(ControlSocket, ReplacesTheSocketOfAProcessThatHasEndedAlone) {
  const test::TemporaryDirectory directory;
  const auto file = directory / "control";
  boost::asio::io_context io;
  const auto listen = [&] { return ControlSocket::listen(io, file, [](std::string_view, const auto&) {}); };
  { stream_protocol::acceptor abandoned(io, stream_protocol::endpoint(file.string())); }
  const auto first = listen();
  ASSERT_TRUE(first);
  EXPECT_FALSE(listen()) << "the first still listens";

  std::filesystem::remove(file);
  std::ofstream(file) << "a file of somebody";
  EXPECT_FALSE(listen());
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

/// A socket that starts a stream for each command.
class ControlStreams : public testing::Test {
 protected:
  void TearDown() override {
    io_.stop();
    thread_.join();
  }
  /// Runs on the io thread and returns what it returns.
  template <class Ask>
  auto on_io(Ask ask) {
    std::packaged_task<decltype(ask())()> task(std::move(ask));
    auto result = task.get_future();
    boost::asio::post(io_, [&task] { task(); });
    return result.get();
  }
  [[nodiscard]] bool wait_for_streams(std::size_t count) {
    return test::eventually([&] { return on_io([&] { return streams_.size() >= count; }); });
  }

  const test::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_ / "control";
  boost::asio::io_context io_;
  std::vector<std::shared_ptr<AnswerStream>> streams_;  // on the io thread
  std::unique_ptr<ControlSocket> socket_ = std::move(*ControlSocket::listen(
      io_, file_, [this](std::string_view, const ControlSocket::Reply& reply) { streams_.push_back(reply.stream()); }));
  std::thread thread_{[this] { io_.run(); }};
};

TEST_F(ControlStreams, PassOnLinesUntilTheListenerHasEnough) {
  std::vector<std::string> lines;
  std::thread sender([&] {
    ASSERT_TRUE(wait_for_streams(1));
    on_io([&] { streams_[0]->send("one\ntwo\nthr"); });
    ASSERT_TRUE(test::eventually([&] { return on_io([&] { return streams_[0]->is_ready(); }); }));
    on_io([&] { streams_[0]->send("ee\nfour\n"); });
  });
  const auto followed = follow_control_socket(
      file_, "watch",
      [&](std::string_view line) {
        lines.emplace_back(line);
        return lines.size() < 3;
      },
      STDERR_FILENO);
  sender.join();
  EXPECT_TRUE(followed);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_TRUE(test::eventually([&] { return on_io([&] { return !streams_[0]->is_open(); }); }));
}

TEST_F(ControlStreams, AReaderThatStandsStillMakesItNotReadyAndNothingElse) {
  boost::asio::io_context other;
  stream_protocol::socket reader(other);
  reader.connect(stream_protocol::endpoint(file_.string()));
  boost::asio::write(reader, boost::asio::buffer(std::string("watch\n")));
  ASSERT_TRUE(wait_for_streams(1));
  const auto send = [&](std::size_t bytes) {
    return on_io([&] {
      if (!streams_[0]->is_ready()) return false;
      streams_[0]->send(std::string(bytes, 'x'));
      return true;
    });
  };
  ASSERT_TRUE(send(16 * 1024 * 1024));
  EXPECT_FALSE(send(1));
  std::string text(16 * 1024 * 1024, '\0');
  boost::asio::read(reader, boost::asio::buffer(text));
  EXPECT_TRUE(test::eventually([&] { return send(1); }));
  reader.close();
  EXPECT_TRUE(test::eventually([&] { return on_io([&] { return !streams_[0]->is_open(); }); }));
}

TEST_F(ControlStreams, EndForTheOldestWhenANinthBegins) {
  boost::asio::io_context other;
  std::vector<stream_protocol::socket> readers;
  for (std::size_t i = 0; i < 9; ++i) {
    readers.emplace_back(other).connect(stream_protocol::endpoint(file_.string()));
    boost::asio::write(readers.back(), boost::asio::buffer(std::string("watch\n")));
    ASSERT_TRUE(wait_for_streams(i + 1));
  }
  const auto is_open = [&](std::size_t i) { return on_io([&] { return streams_[i]->is_open(); }); };
  EXPECT_FALSE(is_open(0));
  for (std::size_t i = 1; i < 9; ++i) EXPECT_TRUE(is_open(i)) << i;
}

}  // namespace
}  // namespace pbxbridge::admin
