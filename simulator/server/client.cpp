#include "simulator/server/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

namespace pbxbridge::sim {

Client::Client(std::uint64_t id, std::shared_ptr<Connection> connection, Dialogue dialogue,
               const StandingFaults& faults, Ledger* ledger, Hooks hooks)
    : id_(id),
      connection_(std::move(connection)),
      dialogue_(std::move(dialogue)),
      faults_(faults),
      ledger_(ledger),
      hooks_(std::move(hooks)) {
  apply_faults();
}

void Client::apply_faults() {
  connection_->set_silent(faults_.silent);
  connection_->set_reading(!faults_.stop_reading);
  connection_->set_bytes_a_second(faults_.bytes_a_second);
  if (started_ || faults_.silent) return;
  started_ = true;
  connection_->start(*this);
}

void Client::opened() { report("connected"); }

void Client::received(std::string_view frame) {
  if (faults_.silent) return;
  auto reaction = dialogue_.receive(frame, hooks_.settle());
  for (const auto& line : reaction.report) report(line);
  if (faults_.answer_delay.count() == 0) {
    react(reaction);
  } else {
    auto timer = std::make_shared<boost::asio::steady_timer>(connection_->executor(), faults_.answer_delay);
    timer->async_wait([timer, self = std::weak_ptr(self_), reaction = std::move(reaction)](auto) {
      if (const auto client = self.lock()) (*client)->react(reaction);
    });
  }
  hooks_.subscriptions_changed();
}

void Client::react(const Dialogue::Reaction& reaction) {
  if (!faults_.forget_answers)
    for (const auto& answer : reaction.answers) connection_->send(answer, false);
  for (const auto& [topic, event] : reaction.snapshots) push_made_up(event, topic);
}

void Client::push(std::string_view frame, bool binary, const Topic* topic) {
  if (!open() || faults_.silent) return;
  if (ledger_ != nullptr) ledger_->pushed(id_, frame, topic);
  connection_->send(frame, binary);
}

void Client::push_in_frames(std::string_view payload, std::string_view frames) {
  if (!open() || faults_.silent) return;
  if (ledger_ != nullptr) ledger_->pushed(id_, payload, nullptr);
  connection_->send_bytes(frames);
}

void Client::push_made_up(std::string_view event, const Topic* topic) {
  if (ledger_ == nullptr)
    push(event, false, topic);
  else
    push(with_number(event, ledger_->next_sequence()), false, topic);
}

void Client::pinged() {
  if (!faults_.silent) report("pinged");
}

std::optional<HttpAnswer> Client::answer(const HttpRequest& request) {
  auto answer = hooks_.http(request);
  if (!answer) return answer;
  if (faults_.rest == RestFault::hang) connection_->mute();
  *answer = spoiled(std::move(*answer), faults_.rest);
  report(fmt::format("{} {}: {}", request.method, request.target, answer->status));
  return answer;
}

void Client::gone(std::string_view reason) {
  report(fmt::format("gone: {}", reason));
  hooks_.gone();
}

void Client::report(std::string_view what) {
  if (ledger_ != nullptr) ledger_->happened(id_, what);
  hooks_.report(fmt::format("client {} {}", id_, what));
}

}  // namespace pbxbridge::sim
