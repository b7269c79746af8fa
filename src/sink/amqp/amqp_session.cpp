#include "sink/amqp/amqp_session.hpp"

#include "async/background_thread.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <fcntl.h>
#include <iterator>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>

namespace pbxbridge::sink {
namespace {

/// Confirms are read after so many messages, so that a long queue does not delay them.
constexpr std::size_t messages_at_once = 64;
/// A missing exchange is asked for again after that time, and not for each event.
constexpr std::chrono::seconds before_next_question{1};

int make_event_descriptor() {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

}  // namespace

AmqpSession::AmqpSession(const AmqpSettings& settings, std::string name, std::shared_ptr<OutcomeQueue> outcomes,
                         Handlers handlers)
    : settings_(settings),
      name_(std::move(name)),
      outcomes_(std::move(outcomes)),
      wake_up_(make_event_descriptor()),
      message_(AttributeSelection(settings.attributes)),
      handlers_(std::move(handlers)) {}

AmqpSession::~AmqpSession() {
  if (descriptor_ >= 0) ::close(descriptor_);
  ::close(wake_up_);
}

// On the io thread

void AmqpSession::start() {
  async::run_in_background([self = shared_from_this()] {
    self->run();
    self->connection_ = nullptr;  // here, as its end may block too
  });
}

void AmqpSession::flush() {
  if (gathered_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    work_.messages.insert(work_.messages.end(), std::make_move_iterator(gathered_.begin()),
                          std::make_move_iterator(gathered_.end()));
  }
  gathered_.clear();
  wake();
}

void AmqpSession::probe() {
  {
    const std::lock_guard lock(mutex_);
    work_.probe = true;
  }
  wake();
}

void AmqpSession::leave() {
  {
    const std::lock_guard lock(mutex_);
    work_.leave = true;
  }
  wake();
}

void AmqpSession::abandon() {
  {
    const std::lock_guard lock(mutex_);
    work_.is_abandoned = true;
    handlers_ = {};
    if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
  }
  wake();
}

void AmqpSession::wake() const {
  constexpr std::uint64_t once = 1;
  static_cast<void>(::write(wake_up_, &once, sizeof once));  // fails where it is woken already
}

// On the session's thread

void AmqpSession::run() {
  auto opened = AmqpConnection::open(settings_, name_);
  if (!opened) return lose(std::move(opened.error()));
  connection_ = std::move(*opened);
  if (!adopt_connection()) return;
  tell(&Handlers::connected, connection_->description());
  while (true) {
    Work work = take_work();
    if (work.is_abandoned || !do_work(work)) return;
    wait();
  }
}

/// Returns whether the session goes on.
bool AmqpSession::adopt_connection() {
  const std::lock_guard lock(mutex_);
  descriptor_ = ::fcntl(connection_->descriptor(), F_DUPFD_CLOEXEC, 0);
  return !work_.is_abandoned;
}

AmqpSession::Work AmqpSession::take_work() {
  const std::lock_guard lock(mutex_);
  Work work = std::exchange(work_, {});
  work_.is_abandoned = work.is_abandoned;
  if (is_blocked_) std::swap(work_.messages, work.messages);
  return work;
}

bool AmqpSession::do_work(Work& work) {
  auto done = publish_all(work.messages);
  if (done && work.probe) done = connection_->probe();
  if (done) done = take_replies();
  push_outcomes();
  if (!done) {
    lose(std::move(done.error()));
    return false;
  }
  if (!work.leave) return true;
  connection_->close();
  tell(&Handlers::left);
  return false;
}

/// Waits until there is work, the broker has sent something, or a heartbeat may be due.
void AmqpSession::wait() const {
  pollfd waited[] = {{wake_up_, POLLIN, 0}, {connection_->descriptor(), POLLIN, 0}};
  const int heartbeat = connection_->heartbeat();
  ::poll(waited, std::size(waited), heartbeat == 0 ? -1 : heartbeat * 1000 / 4);
  std::uint64_t times = 0;
  static_cast<void>(::read(wake_up_, &times, sizeof times));  // fails where it was not woken
}

Result<void> AmqpSession::publish_all(std::vector<AmqpPublish>& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (auto published = publish_one(messages[i]); !published) return published;
    if (i % messages_at_once != messages_at_once - 1) continue;
    if (auto taken = take_replies(); !taken) return taken;
    push_outcomes();
  }
  return {};
}

Result<void> AmqpSession::publish_one(AmqpPublish& message) {
  message_.compose(*message.event, message.format, message.redelivery);
  if (auto problem = message_.problem(settings_.message_size, connection_->frame_bytes())) {
    settled_.emplace_back(message.token, Outcome::reject(std::move(*problem)));
    return {};
  }
  auto missing = missing_exchange(message.exchange);
  if (!missing) return missing.error();
  if (!missing->empty()) {
    settled_.emplace_back(message.token,
                          Outcome{.kind = Outcome::Kind::retry,
                                  .reason = "the broker has no such exchange, or does not let this account use it",
                                  .peer_words = std::move(*missing)});
    return {};
  }
  auto published = connection_->publish(message, message_);
  if (published) in_flight_.add(std::move(message));
  return published;
}

/// The broker closes the channel for a message to an exchange that is not there: it is asked first.
Result<std::string> AmqpSession::missing_exchange(const std::string& exchange) {
  const auto now = std::chrono::steady_clock::now();
  const auto known = exchanges_.find(exchange);
  if (known != exchanges_.end() && (known->second.words.empty() || now < known->second.ask_again_at))
    return known->second.words;
  auto words = connection_->missing_exchange(exchange);
  if (words) exchanges_.insert_or_assign(exchange, MissingExchange{*words, now + before_next_question});
  return words;
}

Result<void> AmqpSession::take_replies() {
  while (true) {
    auto reply = connection_->next();
    if (!reply) return reply.error();
    if (!*reply) return {};
    auto taken = std::visit([this](auto& what) { return take(what); }, **reply);
    if (!taken) return taken;
  }
}

Result<void> AmqpSession::take(AmqpConfirm& confirm) {
  const bool is_expected = confirm.accepted ? in_flight_.acknowledged(confirm.tag, confirm.multiple, settled_)
                                            : in_flight_.rejected(confirm.tag, confirm.multiple, settled_);
  if (is_expected) return {};
  return Error{.category = ErrorCategory::network,
               .text = fmt::format("{} breaks AMQP: it confirms message {}, which does not wait for that",
                                   settings_.url.value, confirm.tag)};
}

Result<void> AmqpSession::take(AmqpReturn& returned) {
  in_flight_.returned(returned.exchange, returned.routing_key, returned.id,
                      Outcome{.kind = Outcome::Kind::retry,
                              .reason = "no queue takes it: bind a queue to the exchange for its routing key, or set "
                                        "mandatory: false",
                              .peer_words = std::move(returned.words)});
  return {};
}

Result<void> AmqpSession::take(AmqpBlocked& blocked) {
  is_blocked_ = blocked.is_blocked;
  if (!is_blocked_) wake();
  tell(&Handlers::blocked, blocked.is_blocked, std::move(blocked.reason));
  return {};
}

Result<void> AmqpSession::take(AmqpAlive&) {
  tell(&Handlers::alive);
  return {};
}

void AmqpSession::push_outcomes() {
  if (settled_.empty()) return;
  const std::lock_guard lock(mutex_);
  if (!work_.is_abandoned) outcomes_->push(settled_);
  settled_.clear();
}

void AmqpSession::lose(Error error) { tell(&Handlers::lost, std::move(error)); }

/// Under the lock, so that nothing is called once `abandon` has returned.
template <class Member, class... Arguments>
void AmqpSession::tell(Member handler, Arguments&&... arguments) {
  const std::lock_guard lock(mutex_);
  if (const auto& called = handlers_.*handler) called(std::forward<Arguments>(arguments)...);
}

}  // namespace pbxbridge::sink
