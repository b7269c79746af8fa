#pragma once

#include "async/latest_timer.hpp"
#include "config/pbx_config.hpp"
#include "net/http_request.hpp"
#include "pbx/open_calls_question.hpp"
#include "pbxbridge/error.hpp"
#include "retry/backoff.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace pbxbridge::pbx {

/// Asks the REST interface of a PBX which calls are open: a few times where it is in trouble, and seldom where it
/// rejects the account, so that this is not locked. Io thread only; nothing is heard of it once it is destroyed.
class OpenCallsClient {
 public:
  using Done = std::function<void(Result<OpenCalls>)>;

  /// `pbx` has `rest`.
  OpenCallsClient(boost::asio::io_context& io, const config::PbxConfig& pbx);

  /// Calls `done` once, in a turn of its own and within three minutes. A question that is under way is dropped for it,
  /// with what was to be called.
  void ask(Done done);

 private:
  using Clock = std::chrono::steady_clock;

  void begin();
  void send();
  void take(Result<net::HttpAnswer> answer);
  void fail(Error error);
  void finish(Result<OpenCalls> result);

  boost::asio::io_context& io_;
  const config::PbxConfig pbx_;
  const url::Endpoint endpoint_;
  retry::Backoff retry_backoff_;
  retry::Backoff rejection_backoff_;
  std::optional<Error> rejection_;  // the latest, until `rejected_until_`
  Clock::time_point rejected_until_{};

  // The present question:
  Done done_;
  int attempts_ = 0;
  Clock::time_point deadline_{};  // for the attempt
  std::optional<OpenCallsQuestion> question_;
  std::optional<net::HttpExchange> exchange_;
  async::LatestTimer retry_timer_;
};

}  // namespace pbxbridge::pbx
