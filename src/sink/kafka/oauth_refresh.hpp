#pragma once

#include "sink/kafka/oauth_token.hpp"

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// Returns how long to wait after a token was not obtained, while the last one is valid for another `left`.
std::chrono::milliseconds wait_for_next_token(bool account_rejected, std::chrono::milliseconds left);

/// Returns how long to use a token that lives so long before the next one is asked for. One that hardly lives is not
/// asked for without end.
std::chrono::milliseconds use_of_token(std::chrono::milliseconds life);

/// Keeps one client of librdkafka in tokens. A token is good for new connections alone: those that stand outlive it. Of
/// the thread that serves the client.
class OauthRefresh {
 public:
  using Clock = std::chrono::steady_clock;

  explicit OauthRefresh(SaslSettings settings) : settings_(std::move(settings)) {}
  ~OauthRefresh() { shared_->is_stopping = true; }
  OauthRefresh(const OauthRefresh&) = delete;
  OauthRefresh& operator=(const OauthRefresh&) = delete;

  /// Blocks for some seconds at the most, or until soon after `stopping` says so.
  std::optional<Error> get_first(rd_kafka_t* client, const std::function<bool()>& stopping);
  /// Gets the next one before the last has run out, without blocking. What an operator should know, once.
  std::optional<std::string> refresh(rd_kafka_t* client);

 private:
  struct Shared {
    std::atomic<bool> is_stopping = false;
    std::mutex mutex;
    std::optional<Result<OauthToken>> result;  // under mutex
  };

  void begin();
  std::optional<Result<OauthToken>> take();
  std::optional<Error> use(rd_kafka_t* client, const Result<OauthToken>& token);

  const SaslSettings settings_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  bool is_under_way_ = false;
  Clock::time_point next_at_{};
  std::chrono::milliseconds expires_at_{0};  // of the last token, since 1970
  std::string reported_failure_;
};

}  // namespace pbxbridge::sink
