#pragma once

#include "net/peer_watch.hpp"
#include "net/tls_config.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::net {

/// Hears of one stream; always from the io loop, never from within a call to the stream.
class StreamListener {
 public:
  /// Names the present step until the stream is open ("looking up pbx.example.com"), for whoever wants to say where it
  /// hangs.
  virtual void on_progress(std::string phase) = 0;
  virtual void on_open() = 0;
  /// `bytes` is all that has come and was not taken yet; valid for the call only. Returns how much of it is taken. The
  /// rest comes again, with more after it, after the next read, or at once after `resume_reading`. What is left bounds
  /// the stream's buffer, so a listener must take what grows beyond its own limits.
  [[nodiscard]] virtual std::size_t on_bytes(std::string_view bytes) = 0;
  /// All that was written is with the kernel.
  virtual void on_written() = 0;
  /// The attempt has failed or the stream has ended; once, and the last call. The text is a clause.
  virtual void on_closed(const Error& error) = 0;

 protected:
  ~StreamListener() = default;
};

struct StreamSettings {
  std::string host;
  std::uint16_t port = 0;
  bool uses_tls = false;
  net::TlsConfig tls;
  /// Shared among the addresses of the host; the attempt as a whole is the caller's to limit.
  config::Duration connect_timeout{15'000};
  /// Time for which the peer's program may read nothing of what it is sent, where beyond `peer_silence_limit`.
  config::Duration stall_limit = peer_silence_limit;
};

/// A TCP connection as a client, with TLS where that is asked for. Io thread only. It keeps itself alive while it has
/// something under way; `abort` it before the listener goes.
class Stream {
 public:
  virtual ~Stream() = default;

  /// Sends after what was written before. Copied; what is written in one turn of the io loop goes out in one piece.
  virtual void write(std::string_view bytes) = 0;
  /// Bytes that were written and are not with the kernel yet.
  virtual std::size_t unwritten() const = 0;
  /// Reads nothing more, so that TCP makes the peer wait.
  virtual void pause_reading() = 0;
  /// Bytes that were not taken are offered again from the io loop, never from within this call.
  virtual void resume_reading() = 0;
  /// Lets what comes gather until there is so much of it, counted as it comes from the network, 1 to hear of each byte.
  /// Whoever asks for more than 1 must know that it will come, or ask for 1 again in time. A hint: less may be told.
  virtual void gather(std::size_t bytes) = 0;
  /// Sends what was written, says TLS's good-bye, and ends it, within 1.5 s. The listener hears nothing more.
  virtual void close() = 0;
  /// Ends it at once; the listener hears nothing more.
  virtual void abort() = 0;
};

/// Begins to connect. A setting that makes it impossible is reported by `on_closed` like any other failure.
std::shared_ptr<Stream> open_stream(const boost::asio::any_io_executor& executor, StreamSettings settings,
                                    StreamListener& listener);

}  // namespace pbxbridge::net
