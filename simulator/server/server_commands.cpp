#include "simulator/server/clients_text.hpp"
#include "simulator/server/server.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace pbxbridge::sim {

std::string Server::run(const command::Push& command) {
  const auto facts = facts_of(command.frame, world_, behaviour_.dialect);
  const auto pushed = push_to_entitled(
      facts, [&](Client& client, const Topic* topic) { client.push(command.frame, command.binary, topic); });
  return "push " + clients_text(pushed);
}

std::string Server::run(const command::PushAll& command) {
  std::size_t pushed = 0;
  for (auto& [id, client] : clients_) {
    if (!client->open()) continue;
    client->push(command.frame, false, nullptr);
    ++pushed;
  }
  return "push-all " + clients_text(pushed);
}

Result<std::string> Server::run(const command::Replay& command) {
  const auto lines = pump_.replay(command.file);
  if (!lines) return lines.error();
  pump_.start();
  return fmt::format("replay {} lines", *lines);
}

std::string Server::run(const command::Start&) {
  pump_.start();
  return "start";
}

std::string Server::run(const command::SetRate& command) {
  pump_.set_rate(command.events_a_second);
  return fmt::format("rate {}", command.events_a_second);
}

std::string Server::run(const command::SetSpeed& command) {
  pump_.set_speed(command.speed);
  return fmt::format("speed {}", command.speed);
}

Result<std::string> Server::run(const command::Order& command) {
  pump_.settle();
  if (auto error = model_->execute(command.line); !error.empty())
    return Error{ErrorCategory::configuration, std::move(error)};
  pump_.push_rest_of_moment();
  return command.line;
}

Result<std::string> Server::run(const command::State&) {
  if (!ledger_) return Error{ErrorCategory::configuration, "there is no ledger to write it to"};
  pump_.settle();
  write_state();
  return "state";
}

std::string Server::run(const command::RestLimit& command) {
  rest_.limit(command.requests_a_second);
  return fmt::format("rest-limit {}", command.requests_a_second);
}

std::string Server::run(const command::Quit&) {
  boost::asio::post(io_, [this] { shut_down(); });
  return "quit";
}

}  // namespace pbxbridge::sim
