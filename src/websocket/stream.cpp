#include "websocket/stream.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <utility>

namespace pbxbridge::websocket {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds close_limit{1500};

Error closed_by_peer(const Client::Incoming& close) {
  return {.category = ErrorCategory::network,
          .text = close.close_code == 0 ? "it closed the connection without a code"
                                        : fmt::format("it closed the connection with code {}", close.close_code),
          .hung_up_at = Clock::now(),
          .peer_words = std::string(close.message)};
}

}  // namespace

Stream::Stream(const boost::asio::any_io_executor& executor, StreamSettings settings,
               websocket::StreamListener& listener)
    : listener_(&listener),
      protocol_(std::move(settings.protocol)),
      uses_tls_(settings.connection.uses_tls),
      message_timeout_(settings.message_timeout),
      close_timer_(executor) {}

Stream::~Stream() {
  if (stream_) stream_->abort();
}

std::shared_ptr<Stream> Stream::open(const boost::asio::any_io_executor& executor, StreamSettings settings,
                                     websocket::StreamListener& listener) {
  auto connection = std::move(settings.connection);
  settings.connection.uses_tls = connection.uses_tls;
  std::shared_ptr<Stream> stream(new Stream(executor, std::move(settings), listener));
  stream->stream_ = net::open_stream(executor, std::move(connection), *stream);
  return stream;
}

void Stream::send_text(std::string_view message) {
  protocol_.send_text(message);
  flush();
}

void Stream::send_binary(std::string_view message) {
  protocol_.send_binary(message);
  flush();
}

void Stream::ping() {
  protocol_.ping();
  flush();
}

void Stream::pause_reading() {
  reading_paused_ = true;
  stream_->pause_reading();
}

void Stream::resume_reading() {
  reading_paused_ = false;
  last_heard_ = Clock::now();
  message_began_.reset();
  stream_->resume_reading();
}

Clock::time_point Stream::last_heard() const { return reading_paused_ ? Clock::now() : last_heard_; }

void Stream::start_closing_handshake() {
  if (closing_ || listener_ == nullptr) return;
  closing_ = true;
  close_timer_.expires_after(close_limit);
  close_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled) self->finish("it did not answer the closing handshake");
  });
  if (!protocol_.is_open())
    return boost::asio::post(close_timer_.get_executor(),
                             [self = shared_from_this()] { self->finish("it was not open yet"); });
  protocol_.close();
  flush();
}

void Stream::close() {
  listener_ = nullptr;
  protocol_.close();
  close_connection();
}

void Stream::abort() {
  listener_ = nullptr;
  close_timer_.cancel();
  if (stream_) std::exchange(stream_, nullptr)->abort();
}

void Stream::on_open() {
  in_handshake_ = true;
  listener_->on_progress("making the WebSocket handshake");
  protocol_.begin();
  flush();
}

std::size_t Stream::on_bytes(std::string_view bytes) {
  const auto self = shared_from_this();
  // One clock reading for what came with one read: it was all there at that moment.
  const SystemTime now = std::chrono::system_clock::now();
  const std::uint64_t frames = protocol_.frames();
  std::string_view rest = bytes;
  while (listener_ != nullptr && !reading_paused_) {
    const Incoming incoming = protocol_.next(rest);
    if (incoming.kind == Incoming::Kind::nothing) break;
    take(incoming, now);
  }
  flush();
  watch_peer(frames);
  return bytes.size() - rest.size();
}

void Stream::on_written() {
  if (!in_handshake_) listener_->on_written();
}

void Stream::on_closed(const Error& error) {
  const auto self = shared_from_this();
  if (!in_handshake_) return report_end(error);
  report_end({.category = error.category,
              .text = fmt::format("the WebSocket handshake failed: {}{}", error.text,
                                  uses_tls_ ? "" : " (is it wss:// there?)")});
}

void Stream::take(const Incoming& incoming, SystemTime now) {
  switch (incoming.kind) {
    case Incoming::Kind::text:
      message_began_.reset();
      return listener_->on_text(incoming.message, now);
    case Incoming::Kind::binary:
      message_began_.reset();
      return listener_->on_binary(incoming.message, now);
    case Incoming::Kind::too_large:
      message_began_.reset();
      return listener_->on_too_large(incoming.size);
    case Incoming::Kind::opened:
      in_handshake_ = false;
      last_heard_ = Clock::now();
      return listener_->on_open();
    case Incoming::Kind::closed:
      if (closing_) return finish("it was closed");
      return finish(closed_by_peer(incoming));
    case Incoming::Kind::failed:
      return finish({.category = incoming.category,
                     .text = incoming.detail,
                     .wait = incoming.wait,
                     .account_rejected = incoming.category == ErrorCategory::rejected});
    case Incoming::Kind::control:
    case Incoming::Kind::nothing:
      return;
  }
}

/// A peer may send single bytes, or add to one message, forever.
void Stream::watch_peer(std::uint64_t frames_before) {
  if (listener_ == nullptr) return;
  const auto now = Clock::now();
  if (protocol_.frames() != frames_before) last_heard_ = now;
  if (!protocol_.in_message() || message_timeout_ == std::chrono::milliseconds::zero()) return;
  if (!message_began_) message_began_ = now;
  if (now - *message_began_ > message_timeout_)
    finish(fmt::format("it has not ended a message in fragments within {:.3g} s",
                       std::chrono::duration<double>(message_timeout_).count()));
}

void Stream::flush() {
  if (protocol_.output().empty() || !stream_) return;
  stream_->write(protocol_.output());
  protocol_.output().clear();
}

void Stream::finish(const Error& error) {
  if (listener_ == nullptr) return;
  close_connection();
  report_end(error);
}

/// It lives on until all is sent, longer than this object.
void Stream::close_connection() {
  flush();
  close_timer_.cancel();
  if (stream_) std::exchange(stream_, nullptr)->close();
}

void Stream::report_end(const Error& error) {
  close_timer_.cancel();
  if (websocket::StreamListener* listener = std::exchange(listener_, nullptr)) listener->on_closed(error);
}

}  // namespace pbxbridge::websocket
