#pragma once

#include "event/json_document.hpp"
#include "net/http_request.hpp"
#include "pbx/rest_list.hpp"
#include "pbxbridge/error.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::pbx {

struct RestAccount {
  std::string username;
  std::string password;
  std::string domain;  ///< the tenant's SIP domain
};

struct RestRequest {
  std::string method;
  std::string target;  ///< below the path of the interface, with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// Asks the REST interface for a list of a tenant (PortSIP PBX 22.x, OpenAPI description: `POST
/// /login/oauth/token`, `GET /sessions`, `/call_queues`, `/users`). Pure.
///
/// In doubt it fails: what is missing from the list is taken for gone. The vendor does not say whether `/sessions`
/// comes in pages, as other collections do. So each page begins with the last entry of the one before, and the number
/// of entries must be the one that the PBX gives.
class RestQuestion {
 public:
  static constexpr std::size_t entries_max = 100'000;
  static constexpr std::size_t page_size = 100;  ///< the most that the vendor allows
  static constexpr std::size_t requests_max = 2'000;
  static constexpr std::size_t answer_size_max = std::size_t{1024} * 1024;  ///< in bytes; for who sends the requests

  RestQuestion(RestList list, RestAccount account) : list_(list), account_(std::move(account)) {}

  /// Returns the request to send.
  RestRequest next() const;
  /// Takes the answer to it. Nothing: ask with what is `next`. An error is of the category `rejected` where asking
  /// again is of no use before somebody has changed something.
  std::optional<Result<ListedNames>> take(const net::HttpAnswer& answer);
  bool has_logged_in() const { return !token_.empty(); }

 private:
  std::optional<Error> take_token(simdjson::dom::object body);
  std::optional<Error> take_page(simdjson::dom::object page);
  bool take_number(simdjson::dom::object entry);
  std::string path() const;
  std::string_view entries() const;

  RestList list_;
  RestAccount account_;
  std::string token_;
  std::size_t requests_ = 0;
  std::size_t count_ = 0;  // all entries, as the latest page says
  std::string last_;       // entry of the latest page
  std::set<std::string, std::less<>> ids_;
  ListedNames names_;
  event::JsonDocument document_;
};

}  // namespace pbxbridge::pbx
