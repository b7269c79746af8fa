#include "simulator/server/control.hpp"

#include "simulator/server/output.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>

#include <unistd.h>

namespace pbxbridge::sim {

std::string outcome(Server& server, std::string_view line) {
  const auto result = server.execute(line);
  return result ? "ok " + *result : "error: " + result.error().text;
}

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

CueTimers::CueTimers(boost::asio::io_context& io, Server& server, const std::vector<Cue>& cues) : server_(server) {
  for (const auto& cue : cues) {
    auto& timer = timers_.emplace_back(io);
    timer.expires_after(cue.after);
    wait(timer, cue);
  }
}

void CueTimers::wait(boost::asio::steady_timer& timer, const Cue& cue) {
  timer.async_wait([this, &timer, cue](boost::system::error_code cancelled) {
    if (cancelled) return;
    print_line("cue " + outcome(server_, cue.line));
    if (!cue.every) return;
    timer.expires_at(timer.expiry() + *cue.every);
    wait(timer, cue);
  });
}

}  // namespace pbxbridge::sim
