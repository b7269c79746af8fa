#pragma once

// A token for SASL OAUTHBEARER (RFC 7628), got with the client credentials of RFC 6749, section 4.4.

#include "net/http_request.hpp"
#include "pbxbridge/error.hpp"
#include "sink/kafka/kafka_settings.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

struct OauthToken {
  std::string token;
  std::chrono::milliseconds expires_at{};  ///< since 1970
};

/// The request for a token: the client's name and secret as HTTP Basic, as RFC 6749 section 2.3.1 wants it.
net::HttpRequest token_request(const SaslSettings& settings, const std::string& client_secret);

/// The token in an endpoint's answer, or why there is none, without secrets. `now` is since 1970.
Result<OauthToken> read_token_answer(const net::HttpAnswer& answer, const std::string& client_secret,
                                     std::chrono::milliseconds now);

/// Asks the endpoint. Reads the secret again. Blocks its thread for some seconds at the most, or until soon after
/// `stopping` says so. The error names the endpoint.
Result<OauthToken> fetch_oauth_token(const SaslSettings& settings, const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
