#include "pbx/open_calls_question.hpp"

#include "text/log_text.hpp"
#include "url/form_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::pbx {

namespace {

/// The vendor's, for all clients.
constexpr std::string_view client_id = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a";
constexpr std::size_t longest_token = 8 * 1024;
constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_words = 200;

Error broken(std::string text) { return {ErrorCategory::network, std::move(text)}; }

/// The vendor's description has 201 for what is read, too.
bool is_success(unsigned status) { return status == 200 || status == 201; }

/// Too many requests, or one that took too long, may be well the next time.
bool is_final(unsigned status) { return status >= 400 && status < 500 && status != 408 && status != 429; }

std::string_view text_of(simdjson::dom::object object, std::string_view field) {
  std::string_view text;
  return object[field].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// `{"errors":[{"code","message"}]}`
std::string words_of(simdjson::dom::object body) {
  simdjson::dom::array errors;
  if (body["errors"].get(errors) != simdjson::SUCCESS || errors.size() == 0) return {};
  simdjson::dom::object first;
  if (errors.at(0).get(first) != simdjson::SUCCESS) return {};
  return text::log_text(text_of(first, "message"), longest_words);
}

std::optional<simdjson::dom::object> object_of(event::JsonDocument& document, std::string_view body) {
  document.parse(body);
  simdjson::dom::object object;
  if (document.kind() != PayloadKind::json_object || document.root()->get(object) != simdjson::SUCCESS)
    return std::nullopt;
  return object;
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

RestRequest OpenCallsQuestion::next() const {
  if (token_.empty()) {
    const auto field = [](std::string_view name, std::string_view value) {
      return fmt::format("&{}={}", name, url::form_encoded(value));
    };
    return {.method = "POST",
            .target = "/login/oauth/token",
            .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
            .body = "grant_type=password&scope=all" + field("username", account_.username) +
                    field("password", account_.password) + field("domain", account_.domain) +
                    field("client_id", client_id)};
  }
  const std::size_t skip = calls_.empty() ? 0 : calls_.size() - 1;
  return {.method = "GET",
          .target = fmt::format("/sessions?top={}&skip={}", page_size, skip),
          .headers = {{"Authorization", "Bearer " + token_}, {"Accept", "application/json"}},
          .body = {}};
}

std::optional<Result<OpenCalls>> OpenCallsQuestion::take(const net::HttpAnswer& answer) {
  if (++requests_ > requests_max) return broken("it lists the calls in too small parts");
  const bool is_login = token_.empty();
  const auto body = object_of(document_, answer.body);
  if (!is_success(answer.status)) {
    // Words of a later answer could repeat the token.
    const std::string words = body && is_login ? words_of(*body) : std::string();
    return Error{is_final(answer.status) ? ErrorCategory::rejected : ErrorCategory::network,
                 fmt::format("{} was answered with HTTP status {}{}{}", is_login ? "the login" : "/sessions",
                             answer.status, words.empty() ? "" : ": ", words)};
  }
  if (!body) return broken(fmt::format("the answer to {} is not a JSON object", is_login ? "the login" : "/sessions"));
  const auto wrong = is_login ? take_token(*body) : take_page(*body);
  if (wrong) return *wrong;
  if (is_login || calls_.size() < count_) return std::nullopt;
  return std::move(calls_);
}

std::optional<Error> OpenCallsQuestion::take_token(simdjson::dom::object body) {
  const std::string_view token = text_of(body, "access_token");
  // It goes into a header.
  if (token.empty() || token.size() > longest_token || !is_visible(token))
    return broken("the answer to the login holds no access_token");
  token_ = token;
  return std::nullopt;
}

std::optional<Error> OpenCallsQuestion::take_page(simdjson::dom::object page) {
  simdjson::dom::array items;
  if (page["count"].get(count_) != simdjson::SUCCESS || page["items"].get(items) != simdjson::SUCCESS)
    return broken("the answer to /sessions has no count or no items");
  if (count_ > calls_max) return broken(fmt::format("it counts {} calls, which is more than can be", count_));
  const std::size_t had = calls_.size();
  bool is_overlap = had > 0;
  for (const auto item : items) {
    simdjson::dom::object call;
    const std::string_view id = item.get(call) == simdjson::SUCCESS ? text_of(call, "id") : std::string_view();
    if (id.empty() || id.size() > longest_id) return broken("the answer to /sessions has a call without an id");
    if (std::exchange(is_overlap, false)) {
      if (id != last_) return broken("the list of calls has changed while it was read");
      continue;
    }
    if (!calls_.emplace(id).second) return broken("the list of calls has changed while it was read");
    last_ = id;
  }
  if (calls_.size() > count_) return broken("it lists more calls than it counts");
  if (calls_.size() == had && had < count_) return broken("it counts more calls than it lists");
  return std::nullopt;
}

}  // namespace pbxbridge::pbx
