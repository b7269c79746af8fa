#include "sink/kafka/oauth_refresh.hpp"

#include "async/background_thread.hpp"
#include "sink/kafka/present_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace pbxbridge::sink {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_attempts{10'000};
constexpr milliseconds shortest_use{3'000};
/// So that the account is not locked while its connections stand.
constexpr milliseconds after_rejected_account{300'000};

}  // namespace

milliseconds wait_for_next_token(bool account_rejected, milliseconds left) {
  if (!account_rejected) return between_attempts;
  // Someone may have corrected the account: new connections need a token before the last has run out.
  if (left > between_attempts) return std::clamp(left - between_attempts, between_attempts, after_rejected_account);
  return after_rejected_account;  // too late for that: the account comes first
}

milliseconds use_of_token(milliseconds life) { return std::max(life * 8 / 10, shortest_use); }

std::optional<Error> OauthRefresh::get_first(rd_kafka_t* client, const std::function<bool()>& stopping) {
  return use(client, fetch_oauth_token(settings_, stopping));
}

std::optional<std::string> OauthRefresh::refresh(rd_kafka_t* client) {
  if (!is_under_way_ && Clock::now() >= next_at_) begin();
  const auto token = take();
  if (!token) return std::nullopt;
  const std::optional<Error> failure = use(client, *token);
  if (!failure) {
    reported_failure_.clear();
    return std::nullopt;
  }
  const auto wait = wait_for_next_token(failure->account_rejected, expires_at_ - present_milliseconds());
  next_at_ = Clock::now() + wait;
  if (failure->text == std::exchange(reported_failure_, failure->text)) return std::nullopt;
  return fmt::format("{}; trying again in {} s, and the connections that stand are used on", failure->text,
                     std::chrono::ceil<std::chrono::seconds>(wait).count());
}

void OauthRefresh::begin() {
  is_under_way_ = true;
  async::run_in_background([settings = settings_, shared = shared_] {
    auto result = fetch_oauth_token(settings, [&] { return shared->is_stopping.load(); });
    const std::lock_guard lock(shared->mutex);
    shared->result = std::move(result);
  });
}

std::optional<Result<OauthToken>> OauthRefresh::take() {
  if (!is_under_way_) return std::nullopt;
  const std::lock_guard lock(shared_->mutex);
  if (shared_->result) is_under_way_ = false;
  return std::exchange(shared_->result, std::nullopt);
}

std::optional<Error> OauthRefresh::use(rd_kafka_t* client, const Result<OauthToken>& token) {
  if (!token) return token.error();
  std::vector<const char*> extensions;
  for (const auto& [name, value] : settings_.extensions) {
    extensions.push_back(name.c_str());
    extensions.push_back(value.c_str());
  }
  std::array<char, 512> text{};
  if (rd_kafka_oauthbearer_set_token(client, token->token.c_str(), token->expires_at.count(),
                                     settings_.client_id.c_str(), extensions.data(), extensions.size(), text.data(),
                                     text.size()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return Error{ErrorCategory::rejected, "the token from the endpoint, or one of sasl.extensions, is not valid"};
  expires_at_ = token->expires_at;
  next_at_ = Clock::now() + use_of_token(token->expires_at - present_milliseconds());
  return std::nullopt;
}

}  // namespace pbxbridge::sink
