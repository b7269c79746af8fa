#pragma once

#include "async/latest_timer.hpp"
#include "config/pbx_config.hpp"
#include "net/http_request.hpp"
#include "pbx/rest_question.hpp"
#include "pbxbridge/error.hpp"
#include "retry/backoff.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

namespace pbxbridge::pbx {

/// Asks the REST interface of a PBX for its lists, one after another: a few times where it is in trouble, and seldom
/// where it rejects the account, so that this is not locked. Io thread only; nothing is heard of it once it is
/// destroyed.
class RestClient {
 public:
  using Done = std::function<void(Result<ListedNames>)>;
  static constexpr std::chrono::milliseconds attempt_time{45'000};  ///< for all requests of an attempt

  /// `pbx` has `rest`.
  RestClient(boost::asio::io_context& io, const config::PbxConfig& pbx);

  /// Calls `done` once, in a turn of its own and within three minutes of its turn. A question about the same list that
  /// waits or is under way is dropped for it, with what was to be called.
  void ask(RestList list, Done done);

 private:
  using Clock = std::chrono::steady_clock;
  struct Asked {
    RestList list;
    Done done;
  };
  struct Rejection {
    Error error;
    Clock::time_point until;
  };

  void start();
  void begin();
  void send();
  void take(Result<net::HttpAnswer> answer);
  void fail(Error error);
  void note_rejection(const Error& error);
  void finish(Result<ListedNames> result);
  std::optional<Rejection>& rejection() { return rejections_[static_cast<std::size_t>(asked_.front().list)]; }

  boost::asio::io_context& io_;
  const config::PbxConfig pbx_;
  const url::Endpoint endpoint_;
  retry::Backoff retry_backoff_;
  retry::Backoff rejection_backoff_;
  std::array<std::optional<Rejection>, enum_count<RestList>> rejections_;  // the latest of each list
  std::deque<Asked> asked_;                                                // the first is under way

  // The present question:
  int attempts_ = 0;
  Clock::time_point deadline_{};  // for the attempt
  std::optional<RestQuestion> question_;
  std::optional<net::HttpExchange> exchange_;
  async::LatestTimer retry_timer_;
};

}  // namespace pbxbridge::pbx
