#include "sink/kafka/oauth_token.hpp"

#include "sink/kafka/present_time.hpp"
#include "text/log_text.hpp"
#include "text/secrets.hpp"
#include "url/endpoint.hpp"
#include "url/form_encoding.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>

namespace pbxbridge::sink {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds longest_request{8'000};
/// Life of a token if the endpoint does not say: it may, RFC 6749 section 5.1.
constexpr std::chrono::seconds usual_life{300};
constexpr std::size_t longest_quote = 200;

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // with room for OpenSSL's NUL
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The endpoint's own words, fit for a log.
std::string quoted(std::string words, const std::string& secret) {
  if (!secret.empty())
    for (auto at = words.find(secret); at != std::string::npos; at = words.find(secret, at))
      words.replace(at, secret.size(), "***");
  return text::log_text(words, longest_quote);
}

/// Returns whether it is the client that is not let in, which more attempts may lock (RFC 6749, section 5.2).
bool rejects_client(unsigned status, std::string_view code) {
  return status == 401 || status == 403 || code == "invalid_client" || code == "unauthorized_client";
}

Error rejection(const net::HttpAnswer& answer, const Json& body, const std::string& secret) {
  std::string reason = fmt::format("it answered with HTTP status {}", answer.status);
  const std::string code = body.is_object() ? text_at(body, "error") : std::string();
  if (!code.empty()) reason += ": " + quoted(code, secret);
  if (const std::string description = body.is_object() ? text_at(body, "error_description") : ""; !description.empty())
    reason += ": " + quoted(description, secret);
  const bool is_rejected = answer.status >= 400 && answer.status < 500;
  Error error{is_rejected ? ErrorCategory::rejected : ErrorCategory::network, reason};
  error.account_rejected = is_rejected && rejects_client(answer.status, code);
  return error;
}

/// A number, or digits as some endpoints send them.
std::chrono::seconds life_of(const Json& body) {
  const auto found = body.find("expires_in");
  if (found == body.end()) return usual_life;
  double seconds = 0;
  if (found->is_number()) seconds = found->get<double>();
  if (found->is_string()) seconds = std::strtod(found->get<std::string>().c_str(), nullptr);
  if (!(seconds >= 1)) return usual_life;
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, 1e9)));
}

/// Clause about an answer that is no object. JSON itself knows no bound on numbers.
std::string_view json_problem(const std::string& body) {
  try {
    [[maybe_unused]] const Json parsed = Json::parse(body);
  } catch (const Json::out_of_range&) {
    return "its answer holds a number that is too large";
  } catch (const Json::exception&) {
  }
  return "its answer is not a JSON object";
}

}  // namespace

net::HttpRequest token_request(const SaslSettings& settings, const std::string& client_secret) {
  const url::Endpoint endpoint = url::parse_endpoint(settings.token_endpoint).value();
  net::HttpRequest request;
  request.method = "POST";
  request.server.host = endpoint.host;
  request.server.uses_tls = endpoint.scheme == "https";
  request.server.port = endpoint.port != 0 ? endpoint.port : request.server.uses_tls ? 443 : 80;
  request.server.tls = settings.token_endpoint_tls;
  request.server.connect_timeout = longest_request;
  request.authority = url::authority(endpoint);
  request.target = endpoint.target;
  request.headers = {{"Authorization", "Basic " + base64(url::form_encoded(settings.client_id) + ":" +
                                                         url::form_encoded(client_secret))},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = "grant_type=client_credentials";
  if (!settings.scope.empty()) request.body += "&scope=" + url::form_encoded(settings.scope);
  return request;
}

Result<OauthToken> read_token_answer(const net::HttpAnswer& answer, const std::string& client_secret,
                                     milliseconds now) {
  const Json body = Json::parse(answer.body, nullptr, false);
  if (answer.status != 200) return rejection(answer, body, client_secret);
  if (!body.is_object()) return Error{ErrorCategory::network, std::string(json_problem(answer.body))};
  std::string token = text_at(body, "access_token");
  if (token.empty()) return Error{ErrorCategory::network, "its answer holds no access_token"};
  return OauthToken{std::move(token), now + life_of(body)};
}

Result<OauthToken> fetch_oauth_token(const SaslSettings& settings, const std::function<bool()>& stopping) {
  const auto failed = [&](Error error) {
    error.text = fmt::format("no token from the endpoint {}: {}", token_request(settings, "").authority, error.text);
    return error;
  };
  const auto secret = settings.client_secret.read();
  if (!secret) return failed(secret.error());
  const auto answer = net::exchange(token_request(settings, *secret), longest_request, stopping);
  if (!answer) return failed(answer.error());
  const auto now = present_milliseconds();
  auto token = read_token_answer(*answer, *secret, now);
  if (!token) return failed(token.error());
  text::remember_token(token->token);
  return token;
}

}  // namespace pbxbridge::sink
