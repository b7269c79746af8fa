#include "simulator/faults/hostile_frames.hpp"
#include "simulator/protocol/frame_buffer.hpp"
#include "simulator/server/clients_text.hpp"
#include "simulator/server/server.hpp"

#include <fmt/format.h>

namespace pbxbridge::sim {

namespace {

constexpr std::chrono::seconds time_of_restart(1);
constexpr std::size_t bytes_of_a_mebibyte = 1024 * 1024;

std::string switched(std::string_view name, bool on) { return fmt::format("{} {}", name, on ? "on" : "off"); }

std::string in_one_frame(std::string_view payload) {
  std::string frame;
  append_frame(frame, payload, Opcode::text);
  return frame;
}

void push_in_one_frame(Client& client, const std::string& payload) {
  client.push_in_frames(payload, in_one_frame(payload));
}

}  // namespace

Result<std::string> Server::run(const Fault& fault) {
  return std::visit([this](const auto& kind) -> Result<std::string> { return run(kind); }, fault);
}

std::string Server::to_each(std::string_view name, const std::function<void(Client&)>& act) {
  std::size_t count = 0;
  for (auto& [id, client] : clients_) {
    if (!client->open()) continue;
    act(*client);
    ++count;
  }
  return fmt::format("{} {}", name, clients_text(count));
}

std::string Server::run(const fault::Close& fault) {
  const auto count = clients_.size();
  for (auto& [id, client] : clients_) client->connection().close(fault.code, fault.reason, close_patience);
  return fmt::format("close {}, {}", fault.code, clients_text(count));
}

std::string Server::run(const fault::Drop& fault) {
  const auto count = clients_.size();
  for (auto& [id, client] : clients_) client->connection().drop(fault.reset);
  return fmt::format("drop {}, {}", fault.reset ? "rst" : "fin", clients_text(count));
}

std::string Server::run(const fault::Silent& fault) {
  faults_.silent = fault.on;
  apply_faults();
  return switched("silent", fault.on);
}

std::string Server::run(const fault::StopReading& fault) {
  faults_.stop_reading = fault.on;
  apply_faults();
  return switched("stop-reading", fault.on);
}

std::string Server::run(const fault::AnswerDelay& fault) {
  faults_.answer_delay = fault.delay;
  return fmt::format("answer-delay {}", fault.delay.count());
}

std::string Server::run(const fault::ForgetAnswers& fault) {
  faults_.forget_answers = fault.on;
  return switched("forget-answers", fault.on);
}

std::string Server::run(const fault::RejectAuth& fault) {
  behaviour_.reject_auth = fault.on;
  return switched("reject-auth", fault.on);
}

std::string Server::run(const fault::Reject& fault) {
  behaviour_.rejected_topics[fault.topic] = fault.text;
  return "reject " + fault.topic;
}

std::string Server::run(const fault::Allow& fault) {
  behaviour_.rejected_topics.erase(fault.topic);
  return "allow " + fault.topic;
}

std::string Server::run(const fault::Trickle& fault) {
  faults_.bytes_a_second = fault.bytes_a_second;
  apply_faults();
  return fault.bytes_a_second == 0 ? "trickle off" : fmt::format("trickle {}", fault.bytes_a_second);
}

std::string Server::run(const fault::HalfFrame&) {
  return to_each("half-frame", [](Client& client) {
    client.connection().send_bytes(hostile::half_frame());
    client.connection().mute();
  });
}

std::string Server::run(const fault::HugeFrame& fault) {
  const auto event = hostile::huge_event(fault.mebibytes * bytes_of_a_mebibyte);
  return to_each("huge-frame", [&](Client& client) { push_in_one_frame(client, event); });
}

std::string Server::run(const fault::Fragments& fault) {
  const auto frames = hostile::fragments(fault.text, fault.count);
  return to_each("fragments", [&](Client& client) { client.push_in_frames(fault.text, frames); });
}

std::string Server::run(const fault::InvalidUtf8&) {
  return to_each("invalid-utf8", [](Client& client) { push_in_one_frame(client, hostile::latin_1_event()); });
}

std::string Server::run(const fault::DeepJson& fault) {
  const auto event = hostile::deep_event(fault.depth);
  return to_each("deep-json", [&](Client& client) { push_in_one_frame(client, event); });
}

std::string Server::run(const fault::PingFlood& fault) {
  const auto pings = hostile::pings(fault.count);
  return to_each("ping-flood", [&](Client& client) { client.connection().send_bytes(pings); });
}

std::string Server::run(const fault::Upgrade& fault) {
  faults_.upgrade = fault.answer;
  return fault.answer ? fmt::format("upgrade {}", fault.answer->status) : "upgrade off";
}

std::string Server::run(const fault::Rest& fault) {
  faults_.rest = fault.kind;
  return fault.kind == RestFault::none ? "rest off" : "rest";
}

std::string Server::run(const fault::RefuseConnections& fault) {
  boost::system::error_code ignored;
  refuses_connections_ = fault.on;
  if (fault.on)
    acceptor_.close(ignored);
  else
    listen_unless_refused();
  return switched("refuse-connections", fault.on);
}

Result<std::string> Server::run(const fault::ExpireCertificate& fault) {
  if (!options_.tls) return Error{ErrorCategory::configuration, "expire-certificate: there is none without --tls"};
  use_certificate(fault.on);
  return switched("expire-certificate", fault.on);
}

std::string Server::run(const fault::Restart&) {
  for (auto& [id, client] : clients_) client->connection().drop(true);
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  const auto time = model_->now();
  const auto day = model_->day();
  model_.reset();
  world_ = World(installation_.tenants, ++restarts_);
  model_.emplace(world_, options_.seed + restarts_, time, options_.dialect, day);
  pump_.model_has_restarted();
  restart_timer_.expires_after(time_of_restart);
  restart_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) listen_unless_refused();
  });
  return "restart";
}

}  // namespace pbxbridge::sim
