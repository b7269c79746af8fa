#include "simulator/server/control.hpp"

#include "simulator/server/output.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

namespace pbxbridge::sim {

namespace {

std::string outcome(Server& server, std::string_view line) {
  const auto result = server.execute(line);
  return result ? "ok " + *result : "error: " + result.error().text;
}

}  // namespace

ControlInput::ControlInput(boost::asio::io_context& io, Server& server)
    : server_(server), input_(io, ::dup(STDIN_FILENO)) {
  read();
}

void ControlInput::read() {
  boost::asio::async_read_until(input_, boost::asio::dynamic_buffer(received_), '\n',
                                [this](boost::system::error_code error, std::size_t size) {
                                  if (error) return;
                                  const auto line = received_.substr(0, size - 1);
                                  received_.erase(0, size);
                                  if (!line.empty()) print_line(outcome(server_, line));
                                  read();
                                });
}

void schedule_cues(boost::asio::io_context& io, Server& server, const std::vector<Cue>& cues) {
  for (const auto& cue : cues) {
    auto timer = std::make_shared<boost::asio::steady_timer>(io, cue.after);
    timer->async_wait([timer, &server, line = cue.line](boost::system::error_code cancelled) {
      if (!cancelled) print_line("cue " + outcome(server, line));
    });
  }
}

}  // namespace pbxbridge::sim
