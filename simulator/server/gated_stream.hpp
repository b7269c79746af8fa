#pragma once

#include "simulator/protocol/frame_buffer.hpp"

#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::sim {

/// The stream under a Beast WebSocket, for two purposes. Event frames are put straight into its outgoing buffer, which
/// goes out in one write for many frames, while what Beast writes (answers to pings, closes) takes its place between
/// them, whole. And it can be told to be silent or to stop reading, whatever the protocol above would do.
template <class Next>
class GatedStream {
 public:
  using executor_type = typename Next::executor_type;
  using next_layer_type = Next;

  template <class... Arguments>
  explicit GatedStream(Arguments&&... arguments)
      : next_(std::forward<Arguments>(arguments)...),
        next_byte_(next_.get_executor()),
        flushed_(next_.get_executor()),
        reading_(next_.get_executor()) {
    flushed_.expires_at(boost::asio::steady_timer::time_point::max());
    reading_.expires_at(boost::asio::steady_timer::time_point::max());
  }

  executor_type get_executor() { return next_.get_executor(); }
  Next& next_layer() { return next_; }

  /// Owner that must live as long as a write runs.
  void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  /// Called once the WebSocket closes have gone both ways, before the streams below are ended.
  void set_on_teardown(std::function<void()> callback) { on_teardown_ = std::move(callback); }
  void begin_teardown() {
    if (on_teardown_) on_teardown_();
  }

  /// Returns whether a WebSocket close went out, after which no frame may follow.
  bool closing() const { return closing_; }

  /// Returns whether a write has failed, after which nothing more goes out.
  bool failed() const { return write_error_.failed(); }

  /// Returns whether what is written now goes nowhere.
  bool says_nothing() const { return silent_ || muted_ || failed(); }

  /// Nothing while silent.
  void put_frame(std::string_view payload, bool binary) {
    if (says_nothing()) return;
    append_frame(filling_, payload, binary ? Opcode::binary : Opcode::text);
    flush();
  }

  /// The same with bytes that need not be whole frames.
  void put_bytes(std::string_view bytes) {
    if (says_nothing()) return;
    filling_ += bytes;
    flush();
  }

  /// Calls `handler` once no more than `limit` bytes wait, at once where that is so. Keeps it until then.
  template <class Handler>
  void when_unsent_is_below(std::size_t limit, Handler handler) {
    if (unsent_bytes() <= limit) return handler();
    flushed_.async_wait([this, limit, handler = std::move(handler)](boost::system::error_code) mutable {
      when_unsent_is_below(limit, std::move(handler));
    });
  }

  std::size_t unsent_bytes() const { return filling_.size() + sending_.size() - sent_of_sending_; }

  void set_silent(bool on) { silent_ = on; }
  /// Silent from here on, for good.
  void mute() { muted_ = true; }

  /// One by one; 0: no limit.
  void set_bytes_a_second(std::uint32_t limit) {
    bytes_a_second_ = limit;
    next_byte_.cancel();
  }

  void set_reading(bool on) {
    stopped_reading_ = !on;
    if (on) reading_.cancel();
  }

  /// Lets everything that waits go on, into errors: the socket is closed.
  void release() {
    silent_ = true;
    next_byte_.cancel();
    set_reading(true);
    flushed_.cancel();
  }

  /// Bytes that were read too early; the next reads have them.
  void put_back(std::string bytes) { put_back_ = std::move(bytes); }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    enum class State { begin, reading, held };
    return boost::asio::async_compose<Handler, void(boost::system::error_code, std::size_t)>(
        [this, buffers, state = State::begin, result = boost::system::error_code(), size = std::size_t{0}](
            auto& self, boost::system::error_code error = {}, std::size_t count = 0) mutable {
          if (state == State::begin && !put_back_.empty()) {
            size = boost::asio::buffer_copy(buffers, boost::asio::buffer(put_back_));
            put_back_.erase(0, size);
            state = State::held;
            boost::asio::post(next_.get_executor(), std::move(self));
            return;
          }
          if (state == State::begin) {
            state = State::reading;
            next_.async_read_some(buffers, std::move(self));
            return;
          }
          if (state == State::reading) {
            result = error;
            size = count;
            state = State::held;
          }
          if (stopped_reading_)
            reading_.async_wait(std::move(self));
          else
            self.complete(result, size);
        },
        handler, next_);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    const auto size = boost::asio::buffer_size(buffers);
    if (!says_nothing()) append_control(buffers);
    return boost::asio::async_compose<Handler, void(boost::system::error_code, std::size_t)>(
        [this, size, target = accepted_, posted = false](auto& self, boost::system::error_code = {}) mutable {
          if (!posted) {
            posted = true;
            boost::asio::post(next_.get_executor(), std::move(self));
          } else if (!says_nothing() && sent_ < target) {
            flushed_.async_wait(std::move(self));
          } else {
            self.complete(write_error_, write_error_ ? 0 : size);
          }
        },
        handler, next_);
  }

 private:
  template <class Buffers>
  void append_control(const Buffers& buffers) {
    constexpr char final_close = '\x88';
    const auto begin = boost::asio::buffers_begin(buffers);
    const auto end = boost::asio::buffers_end(buffers);
    if (begin != end && *begin == final_close) closing_ = true;
    filling_.append(begin, end);
    accepted_ = sent_ + unsent_bytes();
    flush();
  }

  void flush() {
    if (writing_ || unsent_bytes() == 0) return;
    if (sent_of_sending_ == sending_.size()) {
      sending_.clear();
      sent_of_sending_ = 0;
      std::swap(filling_, sending_);
    }
    writing_ = true;
    const auto size = bytes_a_second_ == 0 ? sending_.size() - sent_of_sending_ : 1;
    boost::asio::async_write(next_, boost::asio::buffer(sending_.data() + sent_of_sending_, size),
                             [this, size, owner = owner_.lock()](boost::system::error_code error, std::size_t) {
                               sent_ += size;
                               sent_of_sending_ += size;
                               if (error) fail(error);
                               flushed_.cancel();
                               if (bytes_a_second_ == 0) return flush_on();
                               next_byte_.expires_after(std::chrono::milliseconds(1000) / bytes_a_second_);
                               next_byte_.async_wait([this, owner](boost::system::error_code) { flush_on(); });
                             });
  }

  /// Nobody is there to read what waits.
  void fail(boost::system::error_code error) {
    write_error_ = error;
    filling_.clear();
    sending_.clear();
    sent_of_sending_ = 0;
  }

  void flush_on() {
    writing_ = false;
    flush();
  }

  Next next_;
  std::weak_ptr<void> owner_;
  std::function<void()> on_teardown_;
  std::string put_back_;
  std::string filling_;  ///< goes out with the next write
  std::string sending_;  ///< goes out now
  std::size_t sent_of_sending_ = 0;
  bool writing_ = false;
  std::uint64_t sent_ = 0;      ///< bytes, ever
  std::uint64_t accepted_ = 0;  ///< position in the bytes ever sent behind Beast's latest write
  boost::system::error_code write_error_;
  bool silent_ = false;
  bool muted_ = false;
  std::uint32_t bytes_a_second_ = 0;  ///< 0: no limit
  bool closing_ = false;
  bool stopped_reading_ = false;
  boost::asio::steady_timer next_byte_;
  boost::asio::steady_timer flushed_;  ///< never expires; cancelled when a write has ended
  boost::asio::steady_timer reading_;  ///< never expires; cancelled when reading goes on
};

template <class Next>
void teardown(boost::beast::role_type role, GatedStream<Next>& stream, boost::system::error_code& error) {
  using boost::beast::websocket::teardown;
  teardown(role, stream.next_layer(), error);
}

template <class Next, class Handler>
void async_teardown(boost::beast::role_type role, GatedStream<Next>& stream, Handler&& handler) {
  stream.begin_teardown();
  using boost::beast::websocket::async_teardown;
  async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

}  // namespace pbxbridge::sim
