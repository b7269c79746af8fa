#include "simulator/server/client.hpp"

#include "text/printable.hpp"

#include <fmt/format.h>

#include <chrono>

namespace pbxbridge::sim {

namespace {

constexpr std::size_t longest_report = 2000;  // bytes; what a client says has no end

}  // namespace

Client::Client(std::uint64_t id, std::shared_ptr<Connection> connection, Dialogue dialogue,
               const StandingFaults& faults, Ledger* ledger, Hooks hooks)
    : id_(id),
      connection_(std::move(connection)),
      dialogue_(std::move(dialogue)),
      faults_(faults),
      ledger_(ledger),
      hooks_(std::move(hooks)),
      late_frame_is_due_(connection_->executor()) {
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
  if (faults_.answer_delay.count() == 0 && late_frames_.empty()) return hear(frame);
  late_frames_.push_back({std::chrono::steady_clock::now() + faults_.answer_delay, std::string(frame)});
  if (late_frames_.size() == 1) hear_late_frames();
}

/// Hears them in the order in which they came, also where the delay has become shorter meanwhile.
void Client::hear_late_frames() {
  if (late_frames_.empty()) return;
  late_frame_is_due_.expires_at(late_frames_.front().due);
  late_frame_is_due_.async_wait([this, self = std::weak_ptr(self_)](auto) {
    if (self.expired() || late_frames_.empty()) return;
    hear(late_frames_.front().text);
    late_frames_.pop_front();
    hear_late_frames();
  });
}

void Client::hear(std::string_view frame) {
  const auto reaction = dialogue_.receive(frame, hooks_.settle());
  for (const auto& line : reaction.report) report(line);
  if (!faults_.forget_answers)
    for (const auto& answer : reaction.answers) connection_->send(answer, false);
  for (const auto& [topic, event] : reaction.snapshots) push_made_up(event, topic);
  hooks_.subscriptions_changed();
}

void Client::push(std::string_view frame, bool binary, const Topic* topic) {
  if (!is_told()) return;
  if (ledger_ != nullptr) ledger_->pushed(id_, frame, topic);
  connection_->send(frame, binary);
}

void Client::push_in_frames(std::string_view payload, std::string_view frames) {
  if (!is_told()) return;
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
  late_frames_.clear();
  late_frame_is_due_.cancel();
  report(fmt::format("gone: {}", reason));
  hooks_.gone();
}

void Client::report(std::string_view what) {
  if (ledger_ != nullptr) ledger_->happened(id_, what);
  hooks_.report(fmt::format("client {} {}", id_, text::on_one_line(what, longest_report)));
}

}  // namespace pbxbridge::sim
