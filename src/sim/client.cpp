#include "sim/client.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <ctime>

namespace pbxbridge::sim {

Client::Client(std::uint64_t id, std::shared_ptr<Connection> connection, Dialogue dialogue, const Faults& faults,
               Hooks hooks)
    : id_(id),
      connection_(std::move(connection)),
      dialogue_(std::move(dialogue)),
      faults_(faults),
      hooks_(std::move(hooks)) {
  apply_faults();
}

void Client::apply_faults() {
  connection_->set_silent(faults_.silent);
  connection_->set_reading(!faults_.stop_reading);
  if (started_ || faults_.silent) return;
  started_ = true;
  connection_->start(*this);
}

void Client::opened() { report("connected"); }

void Client::received(std::string_view frame) {
  if (faults_.silent) return;
  auto reaction = dialogue_.receive(frame, std::time(nullptr));
  for (const auto& line : reaction.report) report(line);
  if (faults_.answer_delay.count() == 0) {
    for (const auto& answer : reaction.frames) connection_->send(answer, false);
  } else {
    auto timer = std::make_shared<boost::asio::steady_timer>(connection_->executor(), faults_.answer_delay);
    timer->async_wait([timer, connection = connection_, frames = std::move(reaction.frames)](auto) {
      for (const auto& answer : frames) connection->send(answer, false);
    });
  }
  hooks_.subscriptions_changed();
}

void Client::pinged() {
  if (!faults_.silent) report("pinged");
}

void Client::gone(std::string_view reason) {
  report(fmt::format("gone: {}", reason));
  hooks_.gone();
}

void Client::report(std::string_view what) { hooks_.report(fmt::format("client {} {}", id_, what)); }

}  // namespace pbxbridge::sim
