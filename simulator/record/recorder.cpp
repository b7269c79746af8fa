#include "simulator/record/recorder.hpp"

#include "pbx/read_secrets.hpp"
#include "pbx/stream_settings.hpp"
#include "pbx/subscription_plan.hpp"
#include "simulator/record/secret_fields.hpp"
#include "text/log_text.hpp"
#include "text/secrets.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/post.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

namespace pbxbridge::sim {

namespace {

std::chrono::microseconds microseconds(SystemTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

/// Returns the secrets in the form that the recorded auth has.
pbx::Secrets masked(const pbx::Secrets& secrets) {
  return {secrets.password.empty() ? "" : secret_mask, secrets.access_token.empty() ? "" : secret_mask};
}

}  // namespace

Recorder::Recorder(boost::asio::io_context& io, config::PbxConfig config, const LineFile& file, Hooks hooks)
    : io_(io),
      config_(std::move(config)),
      file_(file),
      hooks_(std::move(hooks)),
      dialect_(pbx::make_dialect(config_.dialect)),
      timer_(io) {}

Recorder::~Recorder() {
  if (stream_) stream_->abort();
}

void Recorder::start() {
  started_ = std::chrono::system_clock::now();
  file_.add_line(recording_head(microseconds(started_.time_since_epoch()).count()));
  auto secrets = pbx::read_secrets(config_.auth);
  auto endpoint = url::parse_endpoint(config_.url.value);
  if (!secrets || !endpoint) return end(secrets ? endpoint.error() : secrets.error());
  secrets_ = std::move(*secrets);
  stream_ = websocket::Stream::open(io_.get_executor(), pbx::stream_settings(config_, *endpoint), *this);
  limit_attempt();
}

void Recorder::stop() {
  stopping_ = true;
  timer_.cancel();
  if (stream_)
    stream_->start_closing_handshake();
  else
    end(std::nullopt);
}

void Recorder::on_open() {
  hooks_.report("connected");
  send(dialect_->auth(config_.auth, secrets_), dialect_->auth(config_.auth, masked(secrets_)));
  secrets_ = {};
  phase_ = "waiting for the answer to auth";
}

void Recorder::on_too_large(std::uint64_t size_bytes) {
  hooks_.report(fmt::format("a message of {} bytes is over --max-message and is left out", size_bytes));
}

void Recorder::on_closed(const Error& error) {
  timer_.cancel();
  stream_.reset();
  if (stopping_) return end(std::nullopt);
  const auto reason = text::log_text(error.peer_words);
  end(Error{error.category, fmt::format("{}{}{}{}", phase_, phase_.empty() ? "" : ": ", error.text,
                                        reason.empty() ? "" : " (" + reason + ")")});
}

void Recorder::received(std::string_view message, SystemTime at, bool binary) {
  RecordedMessage recorded{.binary = binary, .bytes = std::string(message)};
  if (is_push(recorded)) ++pushes_;
  write(std::move(recorded), at);
  if (binary) return;
  if (const auto answer = dialect_->answer(message)) take_answer(*answer);
}

void Recorder::take_answer(const pbx::Answer& answer) {
  if (authenticated_) {
    const auto topic = unanswered_.empty() ? "a topic" : unanswered_.front();
    if (!unanswered_.empty()) unanswered_.pop_front();
    hooks_.report(answer.accepted() ? fmt::format("subscribed to {}", topic)
                                    : fmt::format("the PBX rejected {} ({})", topic, answer.words()));
  } else if (answer.accepted()) {
    authenticated_ = true;
    phase_.clear();
    hooks_.report("authenticated");
    hooks_.authenticated();
    subscribe();
    keep_alive();
  } else {
    end(Error{ErrorCategory::rejected, fmt::format("the PBX rejected the account ({})", answer.words())});
  }
}

void Recorder::subscribe() {
  for (const auto& entry : config_.subscribe)
    for (const auto& request : pbx::requests_for(entry, config_.subscribe_batch)) {
      const auto message = dialect_->subscribe(request);
      send(message, message);
      unanswered_.push_back(request.topic);
    }
}

void Recorder::send(const std::string& message, const std::string& written) {
  write({.sent = true, .bytes = written}, std::chrono::system_clock::now());
  stream_->send_text(message);
}

void Recorder::write(RecordedMessage message, SystemTime at) {
  message.after = std::max(microseconds(at - started_), std::chrono::microseconds::zero());
  message.bytes = without_secret_fields(text::without_secrets(message.bytes));
  file_.add_line(recording_line(message));
}

void Recorder::limit_attempt() {
  timer_.expires_after(config_.connect_timeout);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled)
      end(Error{ErrorCategory::network, fmt::format("{}: no end within {}", phase_, config_.connect_timeout)});
  });
}

/// The PBX has no heartbeat of its own: without pings a dead one would not be noticed.
void Recorder::keep_alive() {
  timer_.expires_after(config_.ping_interval);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled || !stream_) return;
    if (std::chrono::steady_clock::now() - stream_->last_heard() > config_.peer_timeout)
      return end(Error{ErrorCategory::network, "the PBX no longer answers pings"});
    stream_->ping();
    keep_alive();
  });
}

void Recorder::end(std::optional<Error> error) {
  timer_.cancel();
  if (stream_) std::exchange(stream_, nullptr)->abort();
  boost::asio::post(io_, [this, error = std::move(error)] { hooks_.ended(error); });
}

}  // namespace pbxbridge::sim
