#pragma once

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/rest/form.hpp"
#include "simulator/rest/http.hpp"
#include "simulator/rest/rate_limit.hpp"
#include "simulator/rest/tokens.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// The PBX's REST API, under `/api`: the state and the call records of the model that makes the events. No sockets, no
/// clock. An error is answered by `{"errors":[{"code","message"}]}`, as the vendor's login does it.
class RestService {
 public:
  /// All must outlive this object.
  RestService(const Installation& installation, const World& world, const Model& model, Tokens& tokens)
      : installation_(installation), world_(world), model_(model), tokens_(tokens) {}

  /// Returns whether the path of a request is one of the API's, existing or not.
  static bool is_for(std::string_view target);

  HttpAnswer answer(const HttpRequest& request, std::chrono::steady_clock::time_point now);

  /// More than so many requests in a second are answered by 429; 0: none is.
  void limit(std::uint32_t requests_a_second) { limit_.set(requests_a_second); }

 private:
  using Objects = std::vector<nlohmann::json>;
  using ObjectAt = std::function<nlohmann::json(std::size_t place)>;
  using Segments = std::vector<std::string>;

  HttpAnswer log_in(const HttpRequest& request, std::chrono::steady_clock::time_point now);
  HttpAnswer get(const Account& account, const Segments& path, const Form& query) const;
  HttpAnswer get_queues(const Account& account, const Segments& path, const Form& query) const;
  HttpAnswer get_records(const Account& account, const Segments& path, const Form& query) const;
  HttpAnswer get_sessions(const Account& account, const Segments& path, const Form& query) const;
  static HttpAnswer page(const Objects& objects, const Form& query);
  /// The same of objects that are made when they are asked for: most of a long collection are on no page.
  static HttpAnswer page(std::size_t count, const ObjectAt& object_at, const Form& query);

  const Installation& installation_;
  const World& world_;
  const Model& model_;
  Tokens& tokens_;
  RateLimit limit_;
};

}  // namespace pbxbridge::sim
