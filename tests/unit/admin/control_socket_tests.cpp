#include "admin/control_socket.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>

#include <string>
#include <thread>
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

}  // namespace
}  // namespace pbxbridge::admin
