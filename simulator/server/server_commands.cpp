#include "simulator/server/server.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace pbxbridge::sim {

namespace {

std::string clients_text(std::size_t count) { return fmt::format("{} {}", count, count == 1 ? "client" : "clients"); }

std::string_view on_off(bool on) { return on ? "on" : "off"; }

}  // namespace

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
  if (auto error = model_.execute(command.line); !error.empty())
    return Error{ErrorCategory::configuration, std::move(error)};
  pump_.settle();
  return command.line;
}

std::string Server::run(const command::Close& command) {
  for (auto& [id, client] : clients_) client->connection().close(command.code, command.reason, close_patience);
  return fmt::format("close {}, {}", command.code, clients_text(clients_.size()));
}

std::string Server::run(const command::Drop& command) {
  for (auto& [id, client] : clients_) client->connection().drop(command.reset);
  return fmt::format("drop {}, {}", command.reset ? "rst" : "fin", clients_text(clients_.size()));
}

std::string Server::run(const command::Silent& command) {
  faults_.silent = command.on;
  apply_faults();
  return fmt::format("silent {}", on_off(command.on));
}

std::string Server::run(const command::StopReading& command) {
  faults_.stop_reading = command.on;
  apply_faults();
  return fmt::format("stop-reading {}", on_off(command.on));
}

std::string Server::run(const command::AnswerDelay& command) {
  faults_.answer_delay = command.delay;
  return fmt::format("answer-delay {}", command.delay.count());
}

std::string Server::run(const command::Reject& command) {
  behaviour_.rejected_topics[command.topic] = command.text;
  return "reject " + command.topic;
}

std::string Server::run(const command::Allow& command) {
  behaviour_.rejected_topics.erase(command.topic);
  return "allow " + command.topic;
}

std::string Server::run(const command::RejectAuth& command) {
  behaviour_.reject_auth = command.on;
  return fmt::format("reject-auth {}", on_off(command.on));
}

std::string Server::run(const command::RefuseConnections& command) {
  boost::system::error_code ignored;
  if (command.on)
    acceptor_.close(ignored);
  else if (!acceptor_.is_open())
    listen();
  return fmt::format("refuse-connections {}", on_off(command.on));
}

std::string Server::run(const command::Quit&) {
  boost::asio::post(io_, [this] { shut_down(); });
  return "quit";
}

}  // namespace pbxbridge::sim
