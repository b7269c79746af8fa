#include "pbx/rest_question.hpp"

#include "text/peer_words.hpp"
#include "url/form_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::pbx {

namespace {

/// The vendor's, for all clients.
constexpr std::string_view client_id = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a";
constexpr std::size_t longest_token = 8 * 1024;
constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_error_text = 200;

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
  return text::peer_log_text(text_of(first, "message"), longest_error_text);
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

RestRequest RestQuestion::next() const {
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
  const std::size_t skip = ids_.empty() ? 0 : ids_.size() - 1;
  return {.method = "GET",
          .target = fmt::format("{}?top={}&skip={}", path(), page_size, skip),
          .headers = {{"Authorization", "Bearer " + token_}, {"Accept", "application/json"}},
          .body = {}};
}

std::string RestQuestion::path() const { return "/" + std::string(to_string(list_)); }

std::string_view RestQuestion::entries() const {
  switch (list_) {
    case RestList::sessions:
      return "calls";
    case RestList::call_queues:
      return "queues";
    case RestList::users:
      break;
  }
  return "users";
}

std::optional<Result<ListedNames>> RestQuestion::take(const net::HttpAnswer& answer) {
  if (++requests_ > requests_max) return broken(fmt::format("it lists the {} in too small parts", entries()));
  const bool is_login = token_.empty();
  const std::string asked = is_login ? "the login" : path();
  const auto body = object_of(document_, answer.body);
  if (!is_success(answer.status)) {
    // Words of a later answer could repeat the token.
    const std::string words = body && is_login ? words_of(*body) : std::string();
    return Error{
        is_final(answer.status) ? ErrorCategory::rejected : ErrorCategory::network,
        fmt::format("{} was answered with HTTP status {}{}{}", asked, answer.status, words.empty() ? "" : ": ", words)};
  }
  if (!body) return broken(fmt::format("the answer to {} is not a JSON object", asked));
  const auto wrong = is_login ? take_token(*body) : take_page(*body);
  if (wrong) return *wrong;
  if (is_login || ids_.size() < count_) return std::nullopt;
  return std::move(names_);
}

std::optional<Error> RestQuestion::take_token(simdjson::dom::object body) {
  const std::string_view token = text_of(body, "access_token");
  // It goes into a header.
  if (token.empty() || token.size() > longest_token || !is_visible(token))
    return broken("the answer to the login holds no access_token");
  token_ = token;
  return std::nullopt;
}

std::optional<Error> RestQuestion::take_page(simdjson::dom::object page) {
  const auto has_changed = [this] {
    return broken(fmt::format("the list of {} has changed while it was read", entries()));
  };
  simdjson::dom::array items;
  if (page["count"].get(count_) != simdjson::SUCCESS || page["items"].get(items) != simdjson::SUCCESS)
    return broken(fmt::format("the answer to {} has no count or no items", path()));
  if (count_ > entries_max) return broken(fmt::format("it counts {} {}, which is more than can be", count_, entries()));
  const std::size_t had = ids_.size();
  bool is_overlap = had > 0;
  for (const auto item : items) {
    simdjson::dom::object entry;
    const std::string_view id = item.get(entry) == simdjson::SUCCESS ? text_of(entry, "id") : std::string_view();
    if (id.empty() || id.size() > longest_id || !take_number(entry))
      return broken(fmt::format("the answer to {} has an entry without an id or number", path()));
    if (std::exchange(is_overlap, false)) {
      if (id != last_) return has_changed();
      continue;
    }
    if (!ids_.emplace(id).second) return has_changed();
    names_.emplace(id);
    last_ = id;
  }
  if (ids_.size() > count_) return broken(fmt::format("it lists more {} than it counts", entries()));
  if (ids_.size() == had && had < count_) return broken(fmt::format("it counts more {} than it lists", entries()));
  return std::nullopt;
}

/// A user may have no extension. False: the entry has no number that could be read.
bool RestQuestion::take_number(simdjson::dom::object entry) {
  if (list_ == RestList::sessions) return true;
  std::string_view number;
  if (entry["extension_number"].get(number) != simdjson::SUCCESS || number.size() > longest_id) return false;
  if (!number.empty()) names_.emplace(number);
  return list_ == RestList::users || !number.empty();
}

}  // namespace pbxbridge::pbx
